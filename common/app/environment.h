// What every service is given by the process that hosts it.
#pragma once

#include <string>

#include "common/app/database_watch.h"
#include "common/rpc/authorization.h"
#include "common/time/clock.h"

namespace prometheus {
class Registry;
}

namespace orewatch::app {

// Outlives the services that are given it.
struct Environment {
  const Clock& clock;
  prometheus::Registry& metrics;
  // Goes with every call to a neighbour.
  rpc::Authorization authorization = nullptr;
  // Null: nobody asks, and a database that is away when it is opened is an error.
  DatabaseWatch* database = nullptr;
};

// What `open` returns, an absl::StatusOr, once the PostgreSQL database that it needs is there; empty: it needs none.
template <typename Open>
auto AwaitDatabase(const Environment& environment, const std::string& database, const Open& open) -> decltype(open()) {
  return database.empty() || environment.database == nullptr ? open() : environment.database->Await(open);
}

}  // namespace orewatch::app
