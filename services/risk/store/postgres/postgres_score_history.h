// ScoreHistory in PostgreSQL, shared by any number of replicas.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/storage/postgres_metrics.h"
#include "common/storage/postgres_pool.h"
#include "prometheus/registry.h"
#include "services/risk/store/score_history.h"

namespace orewatch::risk {

// Thread-safe: one connection that writes, and a pool that reads.
class PostgresScoreHistory final : public ScoreHistory {
 public:
  struct Options {
    // As PostgresOptions::database.
    std::string database;
    // Connections for reads. One more writes.
    int connections = 4;
    // For one read, unless its caller has less (DeadlineScope).
    absl::Duration read_timeout = absl::Seconds(30);
    // For a lease, which waits for the append of another replica.
    absl::Duration lease_timeout = absl::Seconds(10);
    // For an append, however much it holds.
    absl::Duration append_timeout = absl::Minutes(2);
  };

  // Connects and brings the schema up to date. The metrics outlive the object; one for each registry of metrics.
  // INVALID_ARGUMENT for a malformed connection string, UNAVAILABLE if the server cannot be reached,
  // FAILED_PRECONDITION for a server too old, a database of a newer release or one that is not in UTF-8.
  static absl::StatusOr<std::unique_ptr<PostgresScoreHistory>> Open(const Options& options,
                                                                    prometheus::Registry& metrics);

  const std::string& secret() const override { return secret_; }
  absl::StatusOr<std::optional<int64_t>> TakeLease(const std::string& holder, absl::Time now,
                                                   absl::Duration life) override;
  absl::Status GiveUpLease(int64_t epoch) override;
  absl::StatusOr<HistoryPosition> Position() override;
  absl::StatusOr<std::optional<HistoryPosition>> RecordedUpTo(int64_t revision) override;
  absl::Status Append(int64_t epoch, const HistoryAppend& append) override;
  absl::Status Supersede(int64_t epoch, const HistoryPosition& position) override;
  absl::StatusOr<std::vector<ScoreRecord>> Latest(const std::optional<ScoreKey>& after, int limit) override;
  absl::StatusOr<std::vector<KeptRecord>> List(const HistoryQuery& query) override;

 private:
  PostgresScoreHistory(const Options& options, prometheus::Registry& metrics);

  template <typename Result>
  absl::StatusOr<Result> Read(const char* operation,
                              absl::FunctionRef<absl::StatusOr<Result>(storage::Postgres&)> body);
  // In a transaction of the connection that writes, which is opened anew if it broke.
  absl::Status Write(const char* operation, absl::Duration timeout,
                     absl::FunctionRef<absl::Status(storage::Postgres&)> body);
  absl::Status Connect() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);

  const Options options_;
  storage::PostgresMetrics metrics_;
  const storage::PostgresOptions connection_;
  storage::PostgresPool readers_;
  // Set before anybody else has this.
  std::string secret_;
  absl::Mutex write_mutex_;
  std::unique_ptr<storage::Postgres> writer_ ABSL_GUARDED_BY(write_mutex_);
};

}  // namespace orewatch::risk
