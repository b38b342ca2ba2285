// orewatch-risk: scores by published methods, kept current as the registry changes.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/app/migration.h"
#include "common/app/process.h"
#include "common/app/upstream_flags.h"
#include "common/rpc/channel.h"
#include "common/status/status.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/risk/risk_app.h"
#include "services/risk/risk_flags.h"

ABSL_FLAG(std::string, registry_address, "127.0.0.1:7101", "Where the registry serves.");

namespace {

using namespace orewatch;  // NOLINT(google-build-using-namespace): the composition root names everything.

class RiskProcess final : public app::Application {
 public:
  RiskProcess(std::unique_ptr<risk::RiskApp> app, std::string database, rpc::ChannelOptions upstream,
              const app::Environment& environment)
      : upstream_(std::move(upstream)),
        metrics_(environment.metrics, {registry::v1::GetHeadRequest::descriptor()->file()->service(0)}),
        app_(std::move(app)),
        database_(std::move(database)) {}
  std::vector<rpc::Service*> services() override { return {&app_->service()}; }
  std::string database() const override { return database_; }
  void Start(rpc::Server&, std::function<void()> ready) override {
    app_->Start(rpc::Connect(absl::GetFlag(FLAGS_registry_address), metrics_, upstream_), std::move(ready));
  }
  void Stop() override { app_->Stop(); }

 private:
  const rpc::ChannelOptions upstream_;
  const rpc::ClientMetrics metrics_;
  std::unique_ptr<risk::RiskApp> app_;
  const std::string database_;
};

absl::StatusOr<std::unique_ptr<app::Application>> MakeRisk(const app::Environment& environment) {
  OREWATCH_ASSIGN_OR_RETURN(
      rpc::ChannelOptions upstream,
      app::UpstreamFromFlags(environment, {{"--registry_address", absl::GetFlag(FLAGS_registry_address)}}));
  OREWATCH_ASSIGN_OR_RETURN(const risk::RiskConfig config, risk::ConfigFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(auto app, app::AwaitDatabase(environment, config.database,
                                                         [&] { return risk::RiskApp::Create(config, environment); }));
  return std::make_unique<RiskProcess>(std::move(app), risk::RiskApp::DatabaseOf(config), std::move(upstream),
                                       environment);
}

absl::StatusOr<std::vector<std::string>> MigrateRisk() {
  OREWATCH_ASSIGN_OR_RETURN(const risk::RiskConfig config, risk::ConfigFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(const auto migration, risk::RiskApp::Migrate(config));
  return std::vector<std::string>{absl::StrCat(
      "risk: ", migration.has_value() ? storage::Describe(*migration) : "keeps no history, nothing to do")};
}

}  // namespace

int main(int argc, char** argv) {
  return app::RunProcess(argc, argv, {"orewatch-risk", 7102, 9102, app::MigrateIfAsked(MigrateRisk)}, MakeRisk);
}
