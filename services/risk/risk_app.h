// The risk service, assembled.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "common/app/environment.h"
#include "common/rpc/service.h"
#include "common/storage/schema.h"
#include "services/risk/api/risk_service.h"
#include "services/risk/engine/auditor.h"
#include "services/risk/engine/history_recorder.h"
#include "services/risk/engine/history_writer.h"
#include "services/risk/feed/registry_feed.h"
#include "services/risk/history_metrics.h"
#include "services/risk/input_metrics.h"
#include "services/risk/risk_metrics.h"
#include "services/risk/store/score_history.h"

namespace orewatch::risk {

struct RiskConfig {
  Parameters parameters;
  // Folder of the embedded score history; created if missing. Not used with `database`.
  std::string data_dir = "";
  // Connection string of a PostgreSQL database for the score history, which replicas share; empty: the embedded one, or
  // none without a folder.
  std::string database = "";
  // To PostgreSQL, for reads.
  int database_connections = 4;
  // How often the lease and other replicas' records are looked at.
  absl::Duration history_poll = absl::Milliseconds(500);
  // A subject's scores are computed once more, and compared, this often.
  absl::Duration audit_period = absl::Seconds(1);
  // For a metric alone.
  DatasetAges dataset_ages = {};
};

class RiskApp {
 public:
  // Without a history: INVALID_ARGUMENT and the like come from Create alone.
  RiskApp(const RiskConfig& config, const app::Environment& environment)
      : RiskApp(config, environment, /*history=*/nullptr) {}
  // Opens the history. INVALID_ARGUMENT for a malformed connection string, UNAVAILABLE if folder or server cannot be
  // used, FAILED_PRECONDITION for a database of a newer release.
  static absl::StatusOr<std::unique_ptr<RiskApp>> Create(const RiskConfig& config, const app::Environment& environment);
  ~RiskApp() { Stop(); }

  // Brings the tables of the history up to date, as opening it does; nothing where none is kept. The same errors.
  static absl::StatusOr<absl::optional<storage::Migration>> Migrate(const RiskConfig& config);

  // Where it keeps the history: a connection string, or the file of the embedded database; empty: nowhere.
  static std::string DatabaseOf(const RiskConfig& config);

  rpc::Service& service() { return service_.service(); }
  // Begins to follow the registry and to record. `ready` is called when a snapshot has been loaded, and at every
  // revision after.
  void Start(const std::shared_ptr<grpc::Channel>& registry, std::function<void()> ready);
  void Stop();

 private:
  RiskApp(const RiskConfig& config, const app::Environment& environment, std::unique_ptr<ScoreHistory> history);
  void OnPublished(const Publication& publication);
  void OnRecorded(const RecorderState& state);
  void OnAudited(const Audit& audit);

  const Clock& clock_;
  const absl::Duration history_poll_;
  const absl::Duration audit_period_;
  RiskMetrics metrics_;
  // Of the auditor's thread.
  InputMetrics input_metrics_;
  HistoryMetrics history_metrics_;
  std::function<void()> ready_;
  // Null: none is kept.
  const std::unique_ptr<ScoreHistory> history_;
  RegistryFeed feed_;
  RiskService service_;
  std::unique_ptr<HistoryWriter> writer_;
  std::unique_ptr<HistoryRecorder> recorder_;
  std::unique_ptr<Auditor> auditor_;
};

}  // namespace orewatch::risk
