// orewatch-gateway: whole answers from all services.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "common/app/process.h"
#include "common/app/upstream_flags.h"
#include "common/rpc/channel.h"
#include "common/status/status.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/gateway/gateway_app.h"
#include "services/gateway/gateway_flags.h"

ABSL_FLAG(std::string, registry_address, "127.0.0.1:7101", "Where the registry serves.");
ABSL_FLAG(std::string, risk_address, "127.0.0.1:7102", "Where the risk service serves.");
ABSL_FLAG(std::string, alerting_address, "127.0.0.1:7103", "Where the alerting service serves.");

namespace {

using namespace orewatch;  // NOLINT(google-build-using-namespace): the composition root names everything.

class Gateway final : public app::Application {
 public:
  Gateway(const gateway::GatewayConfig& config, rpc::ChannelOptions upstream, const app::Environment& environment)
      : upstream_(std::move(upstream)),
        metrics_(environment.metrics, {registry::v1::GetHeadRequest::descriptor()->file()->service(0),
                                       risk::v1::GetScoreRequest::descriptor()->file()->service(0),
                                       alerting::v1::GetRuleRequest::descriptor()->file()->service(0)}),
        app_(config, environment) {}
  std::vector<rpc::Service*> services() override { return {&app_.service()}; }
  void Start(rpc::Server&, std::function<void()> ready) override {
    app_.Start({rpc::Connect(absl::GetFlag(FLAGS_registry_address), metrics_, upstream_),
                rpc::Connect(absl::GetFlag(FLAGS_risk_address), metrics_, upstream_),
                rpc::Connect(absl::GetFlag(FLAGS_alerting_address), metrics_, upstream_)});
    ready();
  }
  void Stop() override { app_.Stop(); }

 private:
  const rpc::ChannelOptions upstream_;
  const rpc::ClientMetrics metrics_;
  gateway::GatewayApp app_;
};

absl::StatusOr<std::unique_ptr<app::Application>> MakeGateway(const app::Environment& environment) {
  OREWATCH_ASSIGN_OR_RETURN(
      rpc::ChannelOptions upstream,
      app::UpstreamFromFlags(environment, {{"--registry_address", absl::GetFlag(FLAGS_registry_address)},
                                           {"--risk_address", absl::GetFlag(FLAGS_risk_address)},
                                           {"--alerting_address", absl::GetFlag(FLAGS_alerting_address)}}));
  OREWATCH_ASSIGN_OR_RETURN(const gateway::GatewayConfig config, gateway::ConfigFromFlags());
  return std::make_unique<Gateway>(config, std::move(upstream), environment);
}

}  // namespace

int main(int argc, char** argv) { return app::RunProcess(argc, argv, {"orewatch-gateway", 7100, 9100}, MakeGateway); }
