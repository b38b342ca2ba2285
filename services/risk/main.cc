// orewatch-risk: scores by published methods, kept current as the registry changes.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "common/app/process.h"
#include "common/config/checks.h"
#include "common/rpc/channel.h"
#include "common/status/status.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/risk/parameter_flags.h"
#include "services/risk/risk_app.h"

ABSL_FLAG(std::string, registry_address, "127.0.0.1:7101", "Where the registry serves.");

namespace {

using namespace orewatch;  // NOLINT(google-build-using-namespace): the composition root names everything.

class RiskProcess final : public app::Application {
 public:
  RiskProcess(const risk::RiskConfig& config, const app::Environment& environment)
      : metrics_(environment.metrics, {registry::v1::GetHeadRequest::descriptor()->file()->service(0)}),
        app_(config, environment) {}
  std::vector<rpc::Service*> services() override { return {&app_.service()}; }
  void Start(rpc::Server&, std::function<void()> ready) override {
    app_.Start(rpc::Connect(absl::GetFlag(FLAGS_registry_address), metrics_), std::move(ready));
  }
  void Stop() override { app_.Stop(); }

 private:
  const rpc::ClientMetrics metrics_;
  risk::RiskApp app_;
};

absl::StatusOr<std::unique_ptr<app::Application>> MakeRisk(const app::Environment& environment) {
  OREWATCH_RETURN_IF_ERROR(config::CheckTarget("--registry_address", absl::GetFlag(FLAGS_registry_address)));
  OREWATCH_ASSIGN_OR_RETURN(const risk::Parameters parameters, risk::ParametersFromFlags());
  return std::make_unique<RiskProcess>(risk::RiskConfig{parameters}, environment);
}

}  // namespace

int main(int argc, char** argv) { return app::RunProcess(argc, argv, {"orewatch-risk", 7102, 9102}, MakeRisk); }
