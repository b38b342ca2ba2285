// orewatch-registry: the owner of the facts.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/app/migration.h"
#include "common/app/process.h"
#include "common/status/status.h"
#include "services/registry/domain/visibility.h"
#include "services/registry/registry_app.h"

ABSL_FLAG(std::string, data_dir, "orewatch-data/registry", "Folder of the embedded database.");
ABSL_FLAG(std::string, database, "",
          "A PostgreSQL database, which replicas may share, instead of the embedded one: postgres://user@host/name or "
          "key=value pairs. What it leaves out comes from PGHOST, PGUSER, ... The password never stands here, but in "
          "PGPASSWORD, ~/.pgpass or the file that PGPASSFILE names.");
ABSL_FLAG(int32_t, database_connections, 8, "Connections to --database for reads; two more write and listen.");

ABSL_FLAG(
    std::vector<std::string>, trusted_followers, std::vector<std::string>({"orewatch-alerting", "orewatch-risk"}),
    "Principals to whom Watch and Export show everything. Services that show it on only to those who may read it.");

namespace {

using namespace orewatch;  // NOLINT(google-build-using-namespace): the composition root names everything.

class RegistryProcess final : public app::Application {
 public:
  RegistryProcess(std::unique_ptr<registry::RegistryApp> app, std::string database)
      : app_(std::move(app)), database_(std::move(database)) {}
  std::vector<rpc::Service*> services() override { return {&app_->service()}; }
  std::string database() const override { return database_; }
  void Start(rpc::Server&, std::function<void()> ready) override {
    app_->Start();
    ready();
  }
  void Stop() override { app_->Stop(); }

 private:
  std::unique_ptr<registry::RegistryApp> app_;
  const std::string database_;
};

absl::StatusOr<registry::RegistryConfig> ConfigFromFlags() {
  registry::RegistryConfig config;
  config.data_dir = absl::GetFlag(FLAGS_data_dir);
  config.database = absl::GetFlag(FLAGS_database);
  config.database_connections = absl::GetFlag(FLAGS_database_connections);
  if (config.database_connections <= 0) {
    return InvalidField("--database_connections", "must be positive");
  }
  const std::vector<std::string> trusted = absl::GetFlag(FLAGS_trusted_followers);
  if (!std::all_of(trusted.begin(), trusted.end(), registry::IsPrincipal)) {
    return InvalidField("--trusted_followers", "must be names of principals: 1 to 128 visible ASCII characters each");
  }
  config.trusted_followers = {trusted.begin(), trusted.end()};
  return config;
}

absl::StatusOr<std::unique_ptr<app::Application>> MakeRegistry(const app::Environment& environment) {
  OREWATCH_ASSIGN_OR_RETURN(const registry::RegistryConfig config, ConfigFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(auto app, app::AwaitDatabase(environment, config.database, [&] {
                              return registry::RegistryApp::Create(config, environment);
                            }));
  return std::make_unique<RegistryProcess>(std::move(app), registry::RegistryApp::DatabaseOf(config));
}

absl::StatusOr<std::vector<std::string>> MigrateRegistry() {
  OREWATCH_ASSIGN_OR_RETURN(const registry::RegistryConfig config, ConfigFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(const storage::Migration migration, registry::RegistryApp::Migrate(config));
  return std::vector<std::string>{absl::StrCat("registry: ", storage::Describe(migration))};
}

}  // namespace

int main(int argc, char** argv) {
  return app::RunProcess(argc, argv, {"orewatch-registry", 7101, 9101, app::MigrateIfAsked(MigrateRegistry)},
                         MakeRegistry);
}
