#include "tests/conformance/registry_store_engines.h"

#include <filesystem>
#include <list>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "prometheus/registry.h"
#include "services/registry/store/postgres/postgres_store.h"
#include "services/registry/store/sqlite/sqlite_store.h"
#include "tests/testing/postgres_server.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::IsOk;
using ::orewatch::testing::SharedPostgresServer;

class SqliteEngine final : public StoreEngine {
 public:
  std::unique_ptr<RegistryStore> Open(const Clock& clock) override {
    auto store = SqliteStore::Open(Path(), clock);
    EXPECT_THAT(store, IsOk());
    return *std::move(store);
  }
  void Crash() override {
    const std::string before = Path();
    ++crashes_;
    for (const char* suffix : {"", "-wal", ".history"}) {
      std::filesystem::copy_file(absl::StrCat(before, suffix), absl::StrCat(Path(), suffix));
    }
  }
  void Save() override { std::filesystem::copy_file(Path(), dir_ / "saved"); }
  void Restore() override {
    std::filesystem::copy_file(dir_ / "saved", Path(), std::filesystem::copy_options::overwrite_existing);
  }
  std::string WhyNotShared() const override { return "one process owns the file"; }

 private:
  std::string Path() const { return dir_ / absl::StrCat("registry-", crashes_, ".db"); }

  const orewatch::testing::TempDir dir_;
  int crashes_ = 0;
};

class PostgresEngine final : public StoreEngine {
 public:
  std::unique_ptr<RegistryStore> Open(const Clock& clock) override {
    PostgresStore::Options options;
    options.database = SharedPostgresServer().Address(database_);
    auto store = PostgresStore::Open(options, clock, metrics_.emplace_back());
    EXPECT_THAT(store, IsOk());
    return *std::move(store);
  }
  void Crash() override {
    SharedPostgresServer().Kill();
    EXPECT_THAT(SharedPostgresServer().StartAgain(), IsOk());
  }
  void Save() override { saved_ = SharedPostgresServer().CreateDatabase(absl::StrCat("TEMPLATE ", database_)); }
  void Restore() override { database_ = SharedPostgresServer().CreateDatabase(absl::StrCat("TEMPLATE ", saved_)); }
  std::string WhyNotShared() const override { return ""; }

 private:
  std::string database_ = SharedPostgresServer().CreateDatabase();
  std::string saved_;
  // One for each process that a store stands for.
  std::list<prometheus::Registry> metrics_;
};

template <typename Engine>
std::unique_ptr<StoreEngine> Make() {
  return std::make_unique<Engine>();
}

}  // namespace

const std::vector<EngineCase>& AllEngines() {
  static const auto* const engines =
      new std::vector<EngineCase>{{"Sqlite", Make<SqliteEngine>}, {"Postgres", Make<PostgresEngine>}};
  return *engines;
}

}  // namespace orewatch::registry
