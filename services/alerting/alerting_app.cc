#include "services/alerting/alerting_app.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "common/storage/file_lock.h"
#include "common/storage/storage_metrics.h"
#include "services/alerting/api/alerting_service.h"
#include "services/alerting/api/default_rules.h"
#include "services/alerting/deliver/describe.h"
#include "services/alerting/engine/alert_engine.h"
#include "services/alerting/engine/alert_metrics.h"
#include "services/alerting/engine/grid_ticker.h"
#include "services/alerting/engine/lease_keeper.h"
#include "services/alerting/engine/sweeper.h"
#include "services/alerting/feed/asked_registry_head.h"
#include "services/alerting/feed/engine_facts.h"
#include "services/alerting/feed/explainer.h"
#include "services/alerting/feed/fact_feed.h"
#include "services/alerting/feed/past_reader.h"
#include "services/alerting/feed/score_feed.h"
#include "services/alerting/store/postgres/postgres_alert_store.h"
#include "services/alerting/store/postgres/schema.h"
#include "services/alerting/store/sqlite/schema.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"

namespace orewatch::alerting {
namespace {

constexpr char kFileName[] = "alerting.db";
// So that an answer or two may be lost.
constexpr int kPollsInALease = 4;
constexpr absl::Duration kLongestPoll = absl::Seconds(1);

absl::StatusOr<std::string> StorePath(const AlertingConfig& config) {
  if (config.data_dir.empty()) {
    return ":memory:";
  }
  std::error_code error;
  std::filesystem::create_directories(config.data_dir, error);
  if (error) {
    return MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE",
                     absl::StrCat("cannot create ", config.data_dir, ": ", error.message()));
  }
  return AlertingApp::DatabaseOf(config);
}

// Null where nobody else can have it, or all may: one process evaluates over a file, and the store takes the last that
// opens it for the only one.
absl::StatusOr<std::unique_ptr<storage::FileLock>> LockStore(const AlertingConfig& config) {
  if (!config.database.empty() || config.data_dir.empty()) {
    return nullptr;
  }
  OREWATCH_ASSIGN_OR_RETURN(const std::string path, StorePath(config));
  return storage::FileLock::Take(path);
}

absl::StatusOr<std::unique_ptr<AlertStore>> OpenStore(const AlertingConfig& config,
                                                      const app::Environment& environment) {
  if (!config.database.empty()) {
    PostgresAlertStore::Options options;
    options.database = config.database;
    options.connections = config.database_connections;
    if (environment.database != nullptr) {
      options.answered = [database = environment.database] { database->NoteAnswer(); };
    }
    return PostgresAlertStore::Open(options, environment.metrics);
  }
  OREWATCH_ASSIGN_OR_RETURN(const std::string path, StorePath(config));
  return SqliteAlertStore::Open(
      path, config.data_dir.empty() ? nullptr
                                    : std::make_shared<storage::StorageMetrics>(environment.metrics, "alerting", path));
}

// Unlike that of any other process, also after a restart: what was sent before it must not count as sent after it.
std::string NewHolder() {
  std::random_device random;
  return absl::StrCat(getpid(), "-", absl::Hex(random(), absl::kZeroPad8), absl::Hex(random(), absl::kZeroPad8));
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

// Who evaluates sends.
std::optional<Lease> SendingLease(const AlertEngine& engine) {
  const std::optional<HeldLease> held = engine.lease();
  return held.has_value() ? std::optional(Lease{.epoch = held->epoch, .expires = held->until}) : std::nullopt;
}

// What whoever evaluates follows.
struct Feeds {
  Feeds(const std::shared_ptr<grpc::Channel>& risk, const std::shared_ptr<grpc::Channel>& registry, AlertEngine& engine)
      : kept_facts(engine),
        facts(registry == nullptr ? nullptr : std::make_unique<FactFeed>(registry, kept_facts)),
        scores(risk, engine) {}

  EngineFacts kept_facts;
  const std::unique_ptr<FactFeed> facts;
  ScoreFeed scores;
};

}  // namespace

std::string AlertingApp::DatabaseOf(const AlertingConfig& config) {
  if (!config.database.empty() || config.data_dir.empty()) {
    return config.database;
  }
  return (std::filesystem::path(config.data_dir) / kFileName).string();
}

// In the order in which they need each other.
struct AlertingApp::Parts {
  Parts(const app::Environment& environment, std::unique_ptr<storage::FileLock> taken,
        std::unique_ptr<AlertStore> opened)
      : lock(std::move(taken)),
        clock(environment.clock),
        metrics(environment.metrics),
        delivery_metrics(environment.metrics),
        store(std::move(opened)) {}

  const std::unique_ptr<storage::FileLock> lock;
  const Clock& clock;
  AlertMetrics metrics;
  DeliveryMetrics delivery_metrics;
  const std::unique_ptr<AlertStore> store;
  std::unique_ptr<AlertEngine> engine;
  // Used by the ticker's thread.
  std::unique_ptr<Sweeper> sweeper;
  std::unique_ptr<AlertingService> service;
  absl::Duration lease_poll;
  std::unique_ptr<EngineAlerts> alerts;
  std::unique_ptr<Dispatcher> dispatcher;
  rpc::Notifier::Subscription wakes_dispatcher;
  // Null while another replica evaluates. Used by the keeper's thread, and after it.
  std::unique_ptr<Feeds> feeds;
  std::unique_ptr<LeaseKeeper> keeper;
  std::unique_ptr<GridTicker> ticker;
  std::unique_ptr<Following> following;
};

absl::StatusOr<storage::Migration> AlertingApp::Migrate(const AlertingConfig& config) {
  if (!config.database.empty()) {
    return MigratePostgres(config.database);
  }
  OREWATCH_ASSIGN_OR_RETURN(const std::string path, StorePath(config));
  return MigrateSqlite(path);
}

absl::StatusOr<std::unique_ptr<AlertingApp>> AlertingApp::Create(const AlertingConfig& config,
                                                                 const app::Environment& environment,
                                                                 const AlertingSeams& seams) {
  OREWATCH_ASSIGN_OR_RETURN(std::unique_ptr<storage::FileLock> lock, LockStore(config));
  OREWATCH_ASSIGN_OR_RETURN(std::unique_ptr<AlertStore> store, OpenStore(config, environment));
  if (seams.wrap_store != nullptr) {
    store = seams.wrap_store(std::move(store));
  }
  auto parts = std::make_unique<Parts>(environment, std::move(lock), std::move(store));
  parts->lease_poll = std::min(config.lease_life / kPollsInALease, kLongestPoll);
  OREWATCH_ASSIGN_OR_RETURN(parts->engine, AlertEngine::Open({.store = *parts->store,
                                                              .clock = environment.clock,
                                                              .metrics = parts->metrics,
                                                              .holder = NewHolder(),
                                                              .lease_life = config.lease_life,
                                                              .targets = TargetsOf(config.delivery)}));
  OREWATCH_RETURN_IF_ERROR(LoadDefaultRules(config.default_rules_file, *parts->engine));
  parts->sweeper = std::make_unique<Sweeper>(*parts->engine, config.retention, parts->metrics);
  parts->service = std::make_unique<AlertingService>(*parts->engine, config.acknowledgements);
  parts->alerts = std::make_unique<EngineAlerts>(*parts->engine);
  OREWATCH_ASSIGN_OR_RETURN(
      parts->dispatcher,
      Dispatcher::Create(config.delivery, {.alerts = *parts->alerts,
                                           .events = *parts->alerts,
                                           .store = parts->store->deliveries(),
                                           .clock = environment.clock,
                                           .metrics = parts->delivery_metrics,
                                           .lease = [&engine = *parts->engine] { return SendingLease(engine); },
                                           .wrap_client = seams.wrap_client}));
  return std::unique_ptr<AlertingApp>(new AlertingApp(std::move(parts)));
}

AlertingApp::AlertingApp(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
AlertingApp::~AlertingApp() { Stop(); }

rpc::Service& AlertingApp::service() { return parts_->service->service(); }

void AlertingApp::Start(const std::shared_ptr<grpc::Channel>& risk, const std::shared_ptr<grpc::Channel>& registry) {
  if (registry != nullptr) {
    parts_->service->ExplainWith(std::make_shared<Explainer>(risk, registry));
    parts_->service->CompareWith(std::make_shared<AskedRegistryHead>(registry));
    parts_->engine->FollowFacts();
  }
  parts_->service->RehearseWith(std::make_shared<PastReader>(risk, registry));
  parts_->dispatcher->Start();
  parts_->wakes_dispatcher =
      parts_->engine->transitions().Subscribe([&dispatcher = *parts_->dispatcher] { dispatcher.Wake(); });
  parts_->following = parts_->store->Follow([&engine = *parts_->engine](const Version& head) {
    if (absl::Status status = engine.Hear(head); !status.ok()) {
      log::Warning("cannot catch up with other replicas", {{"status", status.ToString()}});
    }
  });
  parts_->keeper = std::make_unique<LeaseKeeper>(
      *parts_->engine, parts_->lease_poll, [parts = parts_.get(), risk, registry](bool evaluates) {
        parts->feeds = evaluates ? std::make_unique<Feeds>(risk, registry, *parts->engine) : nullptr;
      });
  parts_->ticker =
      std::make_unique<GridTicker>(parts_->clock, [&engine = *parts_->engine, &sweeper = *parts_->sweeper] {
        if (absl::Status status = engine.AdvanceGrid(); !status.ok()) {
          log::Error("a tick could not be evaluated; the next one takes it along", {{"status", status.ToString()}});
        }
        if (absl::Status status = sweeper.Step(); !status.ok()) {
          log::Warning("what is no longer needed could not be dropped", {{"status", status.ToString()}});
        }
      });
}

void AlertingApp::Stop() {
  parts_->ticker.reset();
  // Before the lease is given up, so that nobody else sends while this one does.
  parts_->wakes_dispatcher.reset();
  parts_->dispatcher->Stop();
  parts_->keeper.reset();
  parts_->following.reset();
}

}  // namespace orewatch::alerting
