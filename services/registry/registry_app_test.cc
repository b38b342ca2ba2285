#include "services/registry/registry_app.h"

#include <filesystem>
#include <set>

#include "absl/time/time.h"
#include "common/testing/matchers.h"
#include "common/time/clock.h"
#include "prometheus/registry.h"
#include "tests/testing/postgres_server.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::SharedPostgresServer;

class RegistryAppTest : public ::testing::Test {
 protected:
  std::set<std::string> MetricNames() {
    std::set<std::string> names;
    for (const auto& family : metrics_.Collect()) {
      names.insert(family.name);
    }
    return names;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  prometheus::Registry metrics_;
  const app::Environment environment_{clock_, metrics_};
  RegistryConfig config_;
};

TEST_F(RegistryAppTest, KeepsItsEntriesInTheFolderUnlessADatabaseIsGiven) {
  std::string pattern = (std::filesystem::temp_directory_path() / "orewatch-app-XXXXXX").string();
  config_.data_dir = mkdtemp(pattern.data());
  EXPECT_THAT(RegistryApp::Create(config_, environment_), IsOk());
  EXPECT_TRUE(std::filesystem::exists(config_.data_dir + "/registry.db"));
  EXPECT_EQ(MetricNames().count("orewatch_db_connections"), 0U);
  std::filesystem::remove_all(config_.data_dir);
}

TEST_F(RegistryAppTest, KeepsItsEntriesInTheDatabaseThatIsGiven) {
  config_.database = SharedPostgresServer().Address(SharedPostgresServer().CreateDatabase());
  const auto app = RegistryApp::Create(config_, environment_);
  ASSERT_THAT(app, IsOk());
  (*app)->Start();
  (*app)->Stop();
  for (const char* name : {"orewatch_db_connections", "orewatch_db_connections_max", "orewatch_db_errors_total",
                           "orewatch_db_schema_version", "orewatch_db_query_seconds"}) {
    EXPECT_EQ(MetricNames().count(name), 1U) << name;
  }
}

TEST_F(RegistryAppTest, NamesTheFlagOfAMalformedDatabase) {
  config_.database = "postgres://user:secret@host/name";
  EXPECT_THAT(RegistryApp::Create(config_, environment_), BlamesField("--database"));
}

}  // namespace
}  // namespace orewatch::registry
