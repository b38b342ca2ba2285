// orewatch-alerting: rules over scores, and the alerts that they raise.
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
#include "orewatch/risk/v1/risk.pb.h"
#include "services/alerting/alerting_app.h"
#include "services/alerting/delivery_flags.h"

ABSL_FLAG(std::string, data_dir, "orewatch-data/alerting", "Folder of the database.");
ABSL_FLAG(std::string, default_rules, "", "RuleSet in text format for a database that has never had rules.");
ABSL_FLAG(std::string, risk_address, "127.0.0.1:7102", "Where the risk service serves.");

namespace {

using namespace orewatch;  // NOLINT(google-build-using-namespace): the composition root names everything.

class AlertingProcess final : public app::Application {
 public:
  AlertingProcess(std::unique_ptr<alerting::AlertingApp> app, const app::Environment& environment)
      : metrics_(environment.metrics, {risk::v1::GetScoreRequest::descriptor()->file()->service(0)}),
        app_(std::move(app)) {}
  std::vector<rpc::Service*> services() override { return {&app_->service()}; }
  void Start(rpc::Server&, std::function<void()> ready) override {
    app_->Start(rpc::Connect(absl::GetFlag(FLAGS_risk_address), metrics_));
    ready();
  }
  void Stop() override { app_->Stop(); }

 private:
  const rpc::ClientMetrics metrics_;
  std::unique_ptr<alerting::AlertingApp> app_;
};

absl::StatusOr<std::unique_ptr<app::Application>> MakeAlerting(const app::Environment& environment) {
  OREWATCH_RETURN_IF_ERROR(config::CheckTarget("--risk_address", absl::GetFlag(FLAGS_risk_address)));
  OREWATCH_ASSIGN_OR_RETURN(alerting::DeliveryConfig delivery, alerting::DeliveryFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(auto app,
                            alerting::AlertingApp::Create({.data_dir = absl::GetFlag(FLAGS_data_dir),
                                                           .default_rules_file = absl::GetFlag(FLAGS_default_rules),
                                                           .delivery = std::move(delivery)},
                                                          environment));
  return std::make_unique<AlertingProcess>(std::move(app), environment);
}

}  // namespace

int main(int argc, char** argv) { return app::RunProcess(argc, argv, {"orewatch-alerting", 7103, 9103}, MakeAlerting); }
