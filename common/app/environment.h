// What every service is given by the process that hosts it.
#pragma once

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
};

}  // namespace orewatch::app
