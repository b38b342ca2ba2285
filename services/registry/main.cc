// orewatch-registry: the owner of the facts.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/app/migration.h"
#include "common/app/process.h"
#include "common/status/status.h"
#include "services/registry/registry_app.h"
#include "services/registry/registry_flags.h"

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

absl::StatusOr<std::unique_ptr<app::Application>> MakeRegistry(const app::Environment& environment) {
  OREWATCH_ASSIGN_OR_RETURN(const registry::RegistryConfig config, registry::ConfigFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(auto app, app::AwaitDatabase(environment, config.database, [&] {
                              return registry::RegistryApp::Create(config, environment);
                            }));
  return std::make_unique<RegistryProcess>(std::move(app), registry::RegistryApp::DatabaseOf(config));
}

absl::StatusOr<std::vector<std::string>> MigrateRegistry() {
  OREWATCH_ASSIGN_OR_RETURN(const registry::RegistryConfig config, registry::ConfigFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(const storage::Migration migration, registry::RegistryApp::Migrate(config));
  return std::vector<std::string>{absl::StrCat("registry: ", storage::Describe(migration))};
}

}  // namespace

int main(int argc, char** argv) {
  return app::RunProcess(argc, argv, {"orewatch-registry", 7101, 9101, app::MigrateIfAsked(MigrateRegistry)},
                         MakeRegistry);
}
