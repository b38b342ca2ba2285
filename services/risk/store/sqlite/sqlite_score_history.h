// ScoreHistory in one SQLite file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/storage/file_lock.h"
#include "common/storage/sqlite.h"
#include "services/risk/store/score_history.h"

namespace orewatch::risk {

// Thread-safe: one connection that writes and one that reads, so that reads do not wait for an append.
class SqliteScoreHistory final : public ScoreHistory {
 public:
  // Opens or creates the file, and migrates it. UNAVAILABLE, DATA_LOSS, FAILED_PRECONDITION (SCHEMA_TOO_NEW, and
  // STORAGE_IN_USE while another process has it).
  static absl::StatusOr<std::unique_ptr<SqliteScoreHistory>> Open(
      const std::string& path, const std::shared_ptr<storage::StorageMetrics>& metrics = nullptr);

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
  SqliteScoreHistory(std::unique_ptr<storage::FileLock> lock, std::unique_ptr<storage::Sqlite> writer,
                     std::unique_ptr<storage::Sqlite> reader, std::string secret)
      : secret_(std::move(secret)), lock_(std::move(lock)), writer_(std::move(writer)), reader_(std::move(reader)) {}

  absl::Status CheckEpoch(int64_t epoch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::Status AppendRecords(const HistoryAppend& append) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::Status AppendRecord(const ScoreRecord& record, int64_t sequence) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::Status SetPosition(const HistoryPosition& position) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);

  const std::string secret_;
  // Given up after the connections are closed.
  const std::unique_ptr<storage::FileLock> lock_;
  absl::Mutex write_mutex_;
  const std::unique_ptr<storage::Sqlite> writer_ ABSL_PT_GUARDED_BY(write_mutex_);
  absl::Mutex read_mutex_;
  const std::unique_ptr<storage::Sqlite> reader_ ABSL_PT_GUARDED_BY(read_mutex_);
};

}  // namespace orewatch::risk
