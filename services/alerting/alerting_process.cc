#include "services/alerting/alerting_process.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/app/process.h"
#include "common/app/upstream_flags.h"
#include "common/rpc/channel.h"
#include "common/status/status.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/alerting/alerting_flags.h"
#include "services/alerting/delivery_flags.h"

ABSL_FLAG(std::string, data_dir, "orewatch-data/alerting", "Folder of the database.");
ABSL_FLAG(std::string, database, "",
          "A PostgreSQL database instead of the folder, which replicas share: postgres://user@host/name or key=value "
          "pairs. What it leaves out comes from PGHOST, PGUSER, ... The password never stands here, but in PGPASSWORD, "
          "~/.pgpass or the file that PGPASSFILE names.");
ABSL_FLAG(int32_t, database_connections, 4,
          "Connections to --database for reads; three more write, keep the lease and listen.");
ABSL_FLAG(absl::Duration, lease_duration, absl::Seconds(15),
          "Of replicas on one --database another evaluates this long after the one that did has died.");
ABSL_FLAG(std::string, default_rules, "", "RuleSet in text format for a database that has never had rules.");
ABSL_FLAG(std::string, risk_address, "127.0.0.1:7102", "Where the risk service serves.");
ABSL_FLAG(std::string, registry_address, "127.0.0.1:7101",
          "Where the registry serves: followed for what happens in it, and asked who made the change behind an alert.");

namespace orewatch::alerting {
namespace {

class AlertingProcess final : public app::Application {
 public:
  AlertingProcess(std::unique_ptr<AlertingApp> app, std::string database, rpc::ChannelOptions upstream,
                  const app::Environment& environment)
      : upstream_(std::move(upstream)),
        metrics_(environment.metrics, {risk::v1::GetScoreRequest::descriptor()->file()->service(0),
                                       registry::v1::GetHeadRequest::descriptor()->file()->service(0)}),
        app_(std::move(app)),
        database_(std::move(database)) {}
  std::vector<rpc::Service*> services() override { return {&app_->service()}; }
  std::string database() const override { return database_; }
  void Start(rpc::Server&, std::function<void()> ready) override {
    app_->Start(rpc::Connect(absl::GetFlag(FLAGS_risk_address), metrics_, upstream_),
                rpc::Connect(absl::GetFlag(FLAGS_registry_address), metrics_, upstream_));
    ready();
  }
  void Stop() override { app_->Stop(); }

 private:
  const rpc::ChannelOptions upstream_;
  const rpc::ClientMetrics metrics_;
  std::unique_ptr<AlertingApp> app_;
  const std::string database_;
};

absl::StatusOr<AlertingConfig> ConfigFromFlags() {
  AlertingConfig config{absl::GetFlag(FLAGS_data_dir), absl::GetFlag(FLAGS_default_rules)};
  config.database = absl::GetFlag(FLAGS_database);
  config.database_connections = absl::GetFlag(FLAGS_database_connections);
  config.lease_life = absl::GetFlag(FLAGS_lease_duration);
  if (config.database_connections <= 0) {
    return InvalidField("--database_connections", "must be positive");
  }
  // Who sends stops a second before the lease may end.
  if (config.lease_life < absl::Seconds(2) || config.lease_life > absl::Hours(1)) {
    return InvalidField("--lease_duration", "must be between 2s and 1h");
  }
  OREWATCH_ASSIGN_OR_RETURN(config.acknowledgements, AcknowledgementsFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(config.retention, RetentionFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(config.delivery, DeliveryFromFlags());
  return config;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> MigrateAlerting() {
  OREWATCH_ASSIGN_OR_RETURN(const AlertingConfig config, ConfigFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(const storage::Migration migration, AlertingApp::Migrate(config));
  return std::vector<std::string>{absl::StrCat("alerting: ", storage::Describe(migration))};
}

absl::StatusOr<std::unique_ptr<app::Application>> MakeAlerting(const app::Environment& environment,
                                                               const AlertingSeams& seams) {
  OREWATCH_ASSIGN_OR_RETURN(
      rpc::ChannelOptions upstream,
      app::UpstreamFromFlags(environment, {{"--risk_address", absl::GetFlag(FLAGS_risk_address)},
                                           {"--registry_address", absl::GetFlag(FLAGS_registry_address)}}));
  OREWATCH_ASSIGN_OR_RETURN(const AlertingConfig config, ConfigFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(auto app, app::AwaitDatabase(environment, config.database, [&] {
                              return AlertingApp::Create(config, environment, seams);
                            }));
  return std::make_unique<AlertingProcess>(std::move(app), AlertingApp::DatabaseOf(config), std::move(upstream),
                                           environment);
}

}  // namespace orewatch::alerting
