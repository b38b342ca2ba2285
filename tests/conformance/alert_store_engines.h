// The engines of alerting's store, each over real storage, for tests of what both promise.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <ostream>
#include <string>

#include "common/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "services/alerting/store/postgres/postgres_alert_store.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"
#include "tests/testing/postgres_server.h"

namespace orewatch::alerting {

// Storage of one test, empty at first and gone with the object.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual absl::StatusOr<std::unique_ptr<AlertStore>> Open() = 0;
};

class SqliteEngine final : public Engine {
 public:
  absl::StatusOr<std::unique_ptr<AlertStore>> Open() override { return SqliteAlertStore::Open(dir_ / "alerting.db"); }

 private:
  const orewatch::testing::TempDir dir_;
};

class PostgresEngine final : public Engine {
 public:
  absl::StatusOr<std::unique_ptr<AlertStore>> Open() override {
    PostgresAlertStore::Options options;
    options.database = orewatch::testing::SharedPostgresServer().Address(database_);
    return PostgresAlertStore::Open(options, metrics_.emplace_back());
  }

 private:
  std::string database_ = orewatch::testing::SharedPostgresServer().CreateDatabase();
  // One for each process that a store stands for.
  std::list<prometheus::Registry> metrics_;
};

struct EngineCase {
  std::string name;
  std::function<std::unique_ptr<Engine>()> make;
  friend std::ostream& operator<<(std::ostream& out, const EngineCase& engine) { return out << engine.name; }
};

inline auto EveryEngine() {
  return ::testing::Values(EngineCase{"Sqlite", [] { return std::make_unique<SqliteEngine>(); }},
                           EngineCase{"Postgres", [] { return std::make_unique<PostgresEngine>(); }});
}
inline std::string NameOfEngine(const ::testing::TestParamInfo<EngineCase>& engine) { return engine.param.name; }

}  // namespace orewatch::alerting
