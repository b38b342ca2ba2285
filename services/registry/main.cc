// orewatch-registry: the owner of the facts.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "common/app/process.h"
#include "common/status/status.h"
#include "services/registry/registry_app.h"

ABSL_FLAG(std::string, data_dir, "orewatch-data/registry", "Folder of the database.");

namespace {

using namespace orewatch;  // NOLINT(google-build-using-namespace): the composition root names everything.

class RegistryProcess final : public app::Application {
 public:
  explicit RegistryProcess(std::unique_ptr<registry::RegistryApp> app) : app_(std::move(app)) {}
  std::vector<rpc::Service*> services() override { return {&app_->service()}; }
  void Start(rpc::Server&, std::function<void()> ready) override {
    app_->Start();
    ready();
  }
  void Stop() override { app_->Stop(); }

 private:
  std::unique_ptr<registry::RegistryApp> app_;
};

}  // namespace

int main(int argc, char** argv) {
  return app::RunProcess(argc, argv, {"orewatch-registry", 7101, 9101},
                         [](const app::Environment& environment) -> absl::StatusOr<std::unique_ptr<app::Application>> {
                           OREWATCH_ASSIGN_OR_RETURN(
                               auto app, registry::RegistryApp::Create({absl::GetFlag(FLAGS_data_dir)}, environment));
                           return std::make_unique<RegistryProcess>(std::move(app));
                         });
}
