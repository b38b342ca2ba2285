#include "services/alerting/alerting_app.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "services/alerting/api/alerting_service.h"
#include "services/alerting/api/default_rules.h"
#include "services/alerting/deliver/describe.h"
#include "services/alerting/engine/alert_engine.h"
#include "services/alerting/engine/alert_metrics.h"
#include "services/alerting/engine/grid_ticker.h"
#include "services/alerting/feed/score_feed.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"

namespace orewatch::alerting {
namespace {

constexpr char kFileName[] = "alerting.db";

absl::StatusOr<std::string> StorePath(const std::string& data_dir) {
  if (data_dir.empty()) {
    return ":memory:";
  }
  std::error_code error;
  std::filesystem::create_directories(data_dir, error);
  if (error) {
    return MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE",
                     absl::StrCat("cannot create ", data_dir, ": ", error.message()));
  }
  return (std::filesystem::path(data_dir) / kFileName).string();
}

absl::Status LoadDefaultRules(const std::string& file, AlertEngine& engine) {
  if (file.empty()) {
    return absl::OkStatus();
  }
  OREWATCH_ASSIGN_OR_RETURN(const bool wanted, engine.WantsDefaultRules());
  if (!wanted) {
    return absl::OkStatus();
  }
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<Rule> rules, ReadRuleSet(file));
  return engine.AddDefaultRules(rules);
}

}  // namespace

// In the order in which they need each other.
struct AlertingApp::Parts {
  Parts(const app::Environment& environment, std::unique_ptr<AlertStore> opened)
      : clock(environment.clock),
        metrics(environment.metrics),
        delivery_metrics(environment.metrics),
        store(std::move(opened)) {}

  const Clock& clock;
  AlertMetrics metrics;
  DeliveryMetrics delivery_metrics;
  const std::unique_ptr<AlertStore> store;
  std::unique_ptr<AlertEngine> engine;
  std::unique_ptr<AlertingService> service;
  std::unique_ptr<EngineAlerts> alerts;
  std::unique_ptr<Dispatcher> dispatcher;
  rpc::Notifier::Subscription wakes_dispatcher;
  std::unique_ptr<ScoreFeed> feed;
  std::unique_ptr<GridTicker> ticker;
};

absl::StatusOr<std::unique_ptr<AlertingApp>> AlertingApp::Create(const AlertingConfig& config,
                                                                 const app::Environment& environment) {
  OREWATCH_ASSIGN_OR_RETURN(const std::string path, StorePath(config.data_dir));
  OREWATCH_ASSIGN_OR_RETURN(std::unique_ptr<AlertStore> store, SqliteAlertStore::Open(path));
  auto parts = std::make_unique<Parts>(environment, std::move(store));
  OREWATCH_ASSIGN_OR_RETURN(parts->engine, AlertEngine::Open({.store = *parts->store,
                                                              .clock = environment.clock,
                                                              .metrics = parts->metrics,
                                                              .targets = TargetsOf(config.delivery)}));
  OREWATCH_RETURN_IF_ERROR(LoadDefaultRules(config.default_rules_file, *parts->engine));
  parts->service = std::make_unique<AlertingService>(*parts->engine);
  parts->alerts = std::make_unique<EngineAlerts>(*parts->engine);
  OREWATCH_ASSIGN_OR_RETURN(parts->dispatcher,
                            Dispatcher::Create(config.delivery, {.alerts = *parts->alerts,
                                                                 .events = *parts->alerts,
                                                                 .store = parts->store->deliveries(),
                                                                 .clock = environment.clock,
                                                                 .metrics = parts->delivery_metrics}));
  return std::unique_ptr<AlertingApp>(new AlertingApp(std::move(parts)));
}

AlertingApp::AlertingApp(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
AlertingApp::~AlertingApp() { Stop(); }

rpc::Service& AlertingApp::service() { return parts_->service->service(); }

void AlertingApp::Start(const std::shared_ptr<grpc::Channel>& risk) {
  parts_->dispatcher->Start();
  parts_->wakes_dispatcher =
      parts_->engine->transitions().Subscribe([&dispatcher = *parts_->dispatcher] { dispatcher.Wake(); });
  parts_->feed = std::make_unique<ScoreFeed>(risk, *parts_->engine);
  parts_->ticker = std::make_unique<GridTicker>(parts_->clock, [&engine = *parts_->engine] {
    if (absl::Status status = engine.AdvanceGrid(); !status.ok()) {
      log::Error("a tick could not be evaluated; the next one takes it along", {{"status", status.ToString()}});
    }
  });
}

void AlertingApp::Stop() {
  parts_->ticker.reset();
  if (parts_->feed != nullptr) {
    parts_->feed->Stop();
    parts_->feed.reset();
  }
  parts_->wakes_dispatcher.reset();
  parts_->dispatcher->Stop();
}

}  // namespace orewatch::alerting
