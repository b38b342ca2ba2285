#include "services/suite/suite.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
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

namespace orewatch::suite {
namespace {

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

std::string FolderOf(absl::string_view service) { return absl::StrCat(absl::GetFlag(FLAGS_data_dir), "/", service); }

registry::RegistryConfig RegistryFromFlags() { return {FolderOf("registry")}; }

absl::StatusOr<risk::RiskConfig> RiskFromFlags() {
  risk::RiskConfig config;
  OREWATCH_ASSIGN_OR_RETURN(config.parameters, risk::ParametersFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(config.dataset_ages, risk::DatasetAgesFromFlags());
  config.data_dir = FolderOf("risk");
  return config;
}

absl::StatusOr<alerting::AlertingConfig> AlertingFromFlags() {
  alerting::AlertingConfig config{FolderOf("alerting"), absl::GetFlag(FLAGS_default_rules)};
  OREWATCH_ASSIGN_OR_RETURN(config.acknowledgements, alerting::AcknowledgementsFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(config.delivery, alerting::DeliveryFromFlags());
  return config;
}

}  // namespace

absl::StatusOr<std::unique_ptr<app::Application>> MakeSuite(const app::Environment& environment) {
  OREWATCH_ASSIGN_OR_RETURN(const risk::RiskConfig risk_config, RiskFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(const gateway::GatewayConfig gateway, gateway::ConfigFromFlags());
  const registry::RegistryConfig registry_config = RegistryFromFlags();
  OREWATCH_ASSIGN_OR_RETURN(auto registry, registry::RegistryApp::Create(registry_config, environment));
  OREWATCH_ASSIGN_OR_RETURN(auto risk, risk::RiskApp::Create(risk_config, environment));
  OREWATCH_ASSIGN_OR_RETURN(const alerting::AlertingConfig alerts, AlertingFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(auto alerting, alerting::AlertingApp::Create(alerts, environment));
  return std::make_unique<Suite>(std::move(registry), std::move(risk), std::move(alerting), gateway,
                                 registry::RegistryApp::DatabaseOf(registry_config), environment);
}

absl::StatusOr<std::vector<std::string>> MigrateSuite() {
  OREWATCH_ASSIGN_OR_RETURN(const risk::RiskConfig risk_config, RiskFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(const alerting::AlertingConfig alerts, AlertingFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(const auto registry, registry::RegistryApp::Migrate(RegistryFromFlags()));
  OREWATCH_ASSIGN_OR_RETURN(const auto risk, risk::RiskApp::Migrate(risk_config));
  OREWATCH_ASSIGN_OR_RETURN(const auto alerting, alerting::AlertingApp::Migrate(alerts));
  return std::vector<std::string>{absl::StrCat("registry: ", storage::Describe(registry)),
                                  absl::StrCat("risk: ", storage::Describe(*risk)),
                                  absl::StrCat("alerting: ", storage::Describe(alerting))};
}

}  // namespace orewatch::suite
