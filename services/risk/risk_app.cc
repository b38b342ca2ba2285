#include "services/risk/risk_app.h"

#include <unistd.h>

#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "services/risk/store/postgres/postgres_score_history.h"
#include "services/risk/store/postgres/schema.h"
#include "services/risk/store/sqlite/schema.h"
#include "services/risk/store/sqlite/sqlite_score_history.h"

namespace orewatch::risk {
namespace {

constexpr char kFileName[] = "risk.db";

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  return error ? MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE",
                           absl::StrCat("cannot create ", path, ": ", error.message()))
               : absl::OkStatus();
}

// Null: none is wanted.
absl::StatusOr<std::unique_ptr<ScoreHistory>> OpenHistory(const RiskConfig& config,
                                                          const app::Environment& environment) {
  if (!config.database.empty()) {
    PostgresScoreHistory::Options options;
    options.database = config.database;
    options.connections = config.database_connections;
    return PostgresScoreHistory::Open(options, environment.metrics);
  }
  if (config.data_dir.empty()) {
    return nullptr;
  }
  OREWATCH_RETURN_IF_ERROR(MakeFolder(config.data_dir));
  const std::string file = RiskApp::DatabaseOf(config);
  return SqliteScoreHistory::Open(file, std::make_shared<storage::StorageMetrics>(environment.metrics, "risk", file));
}

// Unlike that of any other process, also after a restart: what was sent before it must not count as sent after it.
std::string NewHolder() {
  std::random_device random;
  return absl::StrCat(getpid(), "-", absl::Hex(random(), absl::kZeroPad8), absl::Hex(random(), absl::kZeroPad8));
}

}  // namespace

std::string RiskApp::DatabaseOf(const RiskConfig& config) {
  if (!config.database.empty() || config.data_dir.empty()) {
    return config.database;
  }
  return (std::filesystem::path(config.data_dir) / kFileName).string();
}

absl::StatusOr<absl::optional<storage::Migration>> RiskApp::Migrate(const RiskConfig& config) {
  if (!config.database.empty()) {
    return MigratePostgres(config.database);
  }
  if (config.data_dir.empty()) {
    return absl::optional<storage::Migration>();
  }
  OREWATCH_RETURN_IF_ERROR(MakeFolder(config.data_dir));
  return MigrateSqlite(DatabaseOf(config));
}

absl::StatusOr<std::unique_ptr<RiskApp>> RiskApp::Create(const RiskConfig& config,
                                                         const app::Environment& environment) {
  OREWATCH_ASSIGN_OR_RETURN(auto history, OpenHistory(config, environment));
  return std::unique_ptr<RiskApp>(new RiskApp(config, environment, std::move(history)));
}

RiskApp::RiskApp(const RiskConfig& config, const app::Environment& environment, std::unique_ptr<ScoreHistory> history)
    : clock_(environment.clock),
      history_poll_(config.history_poll),
      audit_period_(config.audit_period),
      metrics_(environment.metrics, config.parameters),
      input_metrics_(environment.metrics, config.dataset_ages),
      history_metrics_(environment.metrics),
      history_(std::move(history)),
      feed_(config.parameters, [this](const Publication& publication) { OnPublished(publication); }),
      service_(feed_, history_.get(), clock_) {
  service_.OnServed([this] {
    if (const auto age = feed_.Age(); age.has_value()) {
      metrics_.ObserveAge(*age);
    }
  });
}

void RiskApp::Start(const std::shared_ptr<grpc::Channel>& registry, std::function<void()> ready) {
  ready_ = std::move(ready);
  if (history_ != nullptr) {
    HistoryWriter::Options options;
    options.holder = NewHolder();
    writer_ = std::make_unique<HistoryWriter>(*history_, clock_, std::move(options),
                                              [this](const HistoryPosition& position, const std::string& lineage) {
                                                return feed_.Continues(position, lineage);
                                              });
    recorder_ = std::make_unique<HistoryRecorder>(
        *writer_, HistoryRecorder::Options{history_poll_}, [this] { return feed_.Current(); },
        [this](const RecorderState& state) { OnRecorded(state); });
  }
  const auto current = [this] {
    const auto snapshot = feed_.Current();
    return snapshot.has_value() ? snapshot->model : nullptr;
  };
  auditor_ = std::make_unique<Auditor>(audit_period_, current, [this](const Audit& audit) { OnAudited(audit); });
  feed_.Start(registry);
}

void RiskApp::Stop() {
  auditor_.reset();
  feed_.Stop();
  if (recorder_ != nullptr) {
    recorder_->Stop();
  }
}

void RiskApp::OnPublished(const Publication& publication) {
  const auto current = feed_.Current();
  metrics_.Publish(*current->model, publication, feed_.known_head(), clock_.Now());
  service_.OnPublished();
  if (recorder_ != nullptr) {
    recorder_->Offer(*current);
  }
  ready_();
}

void RiskApp::OnRecorded(const RecorderState& state) {
  const auto current = feed_.Current();
  history_metrics_.Show(state, current.has_value() ? current->model->revision() : 0);
  service_.OnRecorded(state.position);
}

void RiskApp::OnAudited(const Audit& audit) {
  metrics_.Audit(audit);
  // Beside the feed, whose next revision does not wait for it.
  if (const auto current = feed_.Current(); current.has_value()) {
    input_metrics_.Show(*current->model);
  }
  for (const ScoreKey& key : audit.mismatches) {
    log::Error("a score is not what its facts give", {{"subject", key.subject},
                                                      {"stage", key.stage},
                                                      {"importer", key.importer},
                                                      {"method", static_cast<int>(key.method)}});
  }
}

}  // namespace orewatch::risk
