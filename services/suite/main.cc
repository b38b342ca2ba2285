// orewatch: all four services in one process on one port, on embedded storage.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/app/process.h"
#include "common/rpc/server.h"
#include "common/status/status.h"
#include "services/alerting/alerting_app.h"
#include "services/alerting/alerting_flags.h"
#include "services/alerting/delivery_flags.h"
#include "services/gateway/gateway_app.h"
#include "services/gateway/gateway_flags.h"
#include "services/registry/registry_app.h"
#include "services/risk/parameter_flags.h"
#include "services/risk/risk_app.h"

ABSL_FLAG(std::string, data_dir, "orewatch-data", "Folder of the databases.");
ABSL_FLAG(std::string, default_rules, "", "RuleSet in text format for a database that has never had rules.");

namespace {

using namespace orewatch;  // NOLINT(google-build-using-namespace): the composition root names everything.

// Facts flow from the registry up; members are built and destroyed in that order.
class Suite final : public app::Application {
 public:
  Suite(std::unique_ptr<registry::RegistryApp> registry, std::unique_ptr<risk::RiskApp> risk,
        std::unique_ptr<alerting::AlertingApp> alerting, const gateway::GatewayConfig& gateway, std::string database,
        const app::Environment& environment)
      : database_(std::move(database)),
        registry_(std::move(registry)),
        risk_(std::move(risk)),
        alerting_(std::move(alerting)),
        gateway_(gateway, environment) {}

  std::vector<rpc::Service*> services() override {
    return {&registry_->service(), &risk_->service(), &alerting_->service(), &gateway_.service()};
  }
  std::string database() const override { return database_; }
  // What follows facts says when it has caught up; the others answer from the start.
  void Start(rpc::Server& self, std::function<void()> ready) override {
    const auto channel = self.OwnChannel();
    registry_->Start();
    risk_->Start(channel, std::move(ready));
    alerting_->Start(channel, channel);
    gateway_.Start({channel, channel, channel});
  }
  void Stop() override {
    gateway_.Stop();
    alerting_->Stop();
    risk_->Stop();
    registry_->Stop();
  }

 private:
  const std::string database_;
  std::unique_ptr<registry::RegistryApp> registry_;
  std::unique_ptr<risk::RiskApp> risk_;
  std::unique_ptr<alerting::AlertingApp> alerting_;
  gateway::GatewayApp gateway_;
};

absl::StatusOr<std::unique_ptr<app::Application>> MakeSuite(const app::Environment& environment) {
  risk::RiskConfig risk_config;
  OREWATCH_ASSIGN_OR_RETURN(risk_config.parameters, risk::ParametersFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(risk_config.dataset_ages, risk::DatasetAgesFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(const gateway::GatewayConfig gateway, gateway::ConfigFromFlags());
  const std::string dir = absl::GetFlag(FLAGS_data_dir);
  risk_config.data_dir = absl::StrCat(dir, "/risk");
  const registry::RegistryConfig registry_config{absl::StrCat(dir, "/registry")};
  OREWATCH_ASSIGN_OR_RETURN(auto registry, registry::RegistryApp::Create(registry_config, environment));
  OREWATCH_ASSIGN_OR_RETURN(auto risk, risk::RiskApp::Create(risk_config, environment));
  alerting::AlertingConfig alerts{absl::StrCat(dir, "/alerting"), absl::GetFlag(FLAGS_default_rules)};
  OREWATCH_ASSIGN_OR_RETURN(alerts.acknowledgements, alerting::AcknowledgementsFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(alerts.delivery, alerting::DeliveryFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(auto alerting, alerting::AlertingApp::Create(alerts, environment));
  return std::make_unique<Suite>(std::move(registry), std::move(risk), std::move(alerting), gateway,
                                 registry::RegistryApp::DatabaseOf(registry_config), environment);
}

}  // namespace

int main(int argc, char** argv) { return app::RunProcess(argc, argv, {"orewatch", 7100, 9100}, MakeSuite); }
