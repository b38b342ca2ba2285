// orewatch-gateway: whole answers from all services.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "common/app/process.h"
#include "common/rpc/channel.h"
#include "common/status/status.h"
#include "services/gateway/gateway_app.h"
#include "services/gateway/gateway_flags.h"

ABSL_FLAG(std::string, registry_address, "127.0.0.1:7101", "Where the registry serves.");
ABSL_FLAG(std::string, risk_address, "127.0.0.1:7102", "Where the risk service serves.");
ABSL_FLAG(std::string, alerting_address, "127.0.0.1:7103", "Where the alerting service serves.");

namespace {

using namespace orewatch;  // NOLINT(google-build-using-namespace): the composition root names everything.

class Gateway final : public app::Application {
 public:
  Gateway(const gateway::GatewayConfig& config, const app::Environment& environment) : app_(config, environment) {}
  std::vector<rpc::Service*> services() override { return {&app_.service()}; }
  void Start(rpc::Server&, std::function<void()> ready) override {
    app_.Start({rpc::Connect(absl::GetFlag(FLAGS_registry_address)), rpc::Connect(absl::GetFlag(FLAGS_risk_address)),
                rpc::Connect(absl::GetFlag(FLAGS_alerting_address))});
    ready();
  }
  void Stop() override {}

 private:
  gateway::GatewayApp app_;
};

}  // namespace

int main(int argc, char** argv) {
  return app::RunProcess(argc, argv, {"orewatch-gateway", 7100, 9100},
                         [](const app::Environment& environment) -> absl::StatusOr<std::unique_ptr<app::Application>> {
                           OREWATCH_ASSIGN_OR_RETURN(const gateway::GatewayConfig config, gateway::ConfigFromFlags());
                           return std::make_unique<Gateway>(config, environment);
                         });
}
