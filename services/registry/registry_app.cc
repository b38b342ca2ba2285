#include "services/registry/registry_app.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "prometheus/registry.h"
#include "services/registry/store/postgres/postgres_store.h"
#include "services/registry/store/postgres/schema.h"
#include "services/registry/store/sqlite/schema.h"
#include "services/registry/store/sqlite/sqlite_store.h"

namespace orewatch::registry {
namespace {

// The date is looked at now and then rather than at midnight alone: a suspended machine wakes at any time.
constexpr absl::Duration kLongestWait = absl::Minutes(1);

absl::Duration UntilMidnight(absl::Time now) {
  const absl::CivilDay today = absl::ToCivilDay(now, absl::UTCTimeZone());
  return absl::FromCivil(today + 1, absl::UTCTimeZone()) - now;
}

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  return error ? MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE",
                           absl::StrCat("cannot create ", path, ": ", error.message()))
               : absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<RegistryStore>> OpenStore(const RegistryConfig& config,
                                                         const app::Environment& environment) {
  if (!config.database.empty()) {
    PostgresStore::Options options;
    options.database = config.database;
    options.connections = config.database_connections;
    if (environment.database != nullptr) {
      options.answered = [database = environment.database] { database->NoteAnswer(); };
    }
    return PostgresStore::Open(options, environment.clock, environment.metrics);
  }
  OREWATCH_RETURN_IF_ERROR(MakeFolder(config.data_dir));
  const std::string file = RegistryApp::DatabaseOf(config);
  return SqliteStore::Open(file, environment.clock,
                           std::make_shared<storage::StorageMetrics>(environment.metrics, "registry", file));
}

}  // namespace

std::string RegistryApp::DatabaseOf(const RegistryConfig& config) {
  return config.database.empty() ? (std::filesystem::path(config.data_dir) / "registry.db").string() : config.database;
}

absl::StatusOr<storage::Migration> RegistryApp::Migrate(const RegistryConfig& config) {
  if (!config.database.empty()) {
    return MigratePostgres(config.database);
  }
  OREWATCH_RETURN_IF_ERROR(MakeFolder(config.data_dir));
  return MigrateSqlite(DatabaseOf(config));
}

absl::StatusOr<std::unique_ptr<RegistryApp>> RegistryApp::Create(const RegistryConfig& config,
                                                                 const app::Environment& environment) {
  OREWATCH_ASSIGN_OR_RETURN(auto store, OpenStore(config, environment));
  return std::unique_ptr<RegistryApp>(new RegistryApp(std::move(store), config, environment));
}

RegistryApp::RegistryApp(std::unique_ptr<RegistryStore> store, const RegistryConfig& config,
                         const app::Environment& environment)
    : clock_(environment.clock),
      metrics_(environment.metrics),
      store_(std::move(store)),
      registry_(*store_, clock_, Registry::kImportMemory, &metrics_),
      service_(registry_, config.trusted_followers),
      counter_(*store_, metrics_) {
  store_->ObserveCommits([this](absl::Duration took) { metrics_.ObserveCommit(took); });
  const auto update = [this] { metrics_.SetRevisions(store_->head(), store_->earliest()); };
  update();
  revision_gauge_ = store_->committed().Subscribe(update);
}

void RegistryApp::Start() {
  counting_ = std::make_unique<Repeater>([this] { return counter_.Count(); });
  dates_ = std::thread([this] { KeepTimeUntilStopped(); });
}

void RegistryApp::Stop() {
  sleeper_.Stop();
  counting_.reset();
  if (dates_.joinable()) {
    dates_.join();
  }
}

void RegistryApp::DropSearched() {
  for (;;) {
    const auto more = registry_.DropSearched();
    if (!more.ok()) {
      log::Error("what search no longer needs could not be dropped", {{"status", more.status().ToString()}});
    }
    if (sleeper_.stopped() || !more.value_or(false)) {
      return;
    }
  }
}

void RegistryApp::KeepTimeUntilStopped() {
  do {
    if (const absl::Status status = registry_.CommitToday(); !status.ok()) {
      log::Error("the date could not be recorded", {{"status", status.ToString()}});
    }
    if (const absl::Status status = registry_.KeepFollowers(); !status.ok()) {
      log::Error("the positions of followers could not be kept", {{"status", status.ToString()}});
    }
    if (const auto purged = registry_.PurgeExpired(); !purged.ok()) {
      log::Error("what has expired could not be purged", {{"status", purged.status().ToString()}});
    }
    DropSearched();
    metrics_.SetRevisions(store_->head(), store_->earliest());
  } while (sleeper_.SleepFor(std::min(UntilMidnight(clock_.Now()), kLongestWait)));
}

}  // namespace orewatch::registry
