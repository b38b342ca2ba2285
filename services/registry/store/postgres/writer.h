// The commit protocol of the PostgreSQL engine (docs/adr/0006).
#pragma once

#include <memory>
#include <vector>

#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/postgres.h"
#include "common/storage/postgres_metrics.h"
#include "common/time/clock.h"
#include "services/registry/store/commit_queue.h"
#include "services/registry/store/postgres/known_history.h"
#include "services/registry/store/postgres/write_group.h"

namespace orewatch::registry {

// Commits groups of writes, each in one transaction, on a connection of its own. Thread-compatible: one thread at a
// time.
class PostgresWriter {
 public:
  // Channel on which the head is told after each commit that changed something.
  static constexpr char kChannel[] = "orewatch_registry";

  // Waits at most so long for other replicas to commit. All references outlive the writer.
  PostgresWriter(storage::PostgresOptions connection, absl::Duration lock_timeout, const Clock& clock,
                 KnownHistory& known, storage::PostgresMetrics& metrics);

  // Connects, migrates the schema and learns the history.
  absl::Status Open();
  // Sets the result of each write. If the group fails as a whole, each fails: UNAVAILABLE, with reason COMMIT_UNKNOWN
  // if nobody can say for the time being whether it happened.
  void CommitGroup(const CommitQueue::Group& group);

 private:
  absl::Status TryCommitGroup(const CommitQueue::Group& group);
  // A usable connection: the one at hand if it is still open.
  absl::Status Connect();
  // Begins the transaction and locks the history; nothing has happened if it fails.
  absl::StatusOr<History> Begin(const CommitQueue::Group& group, std::unique_ptr<WriteGroup>& writes);
  absl::StatusOr<History> BeginOnce(const CommitQueue::Group& group, std::unique_ptr<WriteGroup>& writes);
  void RunOne(CommitQueue::Waiting& waiting, int64_t transaction, WriteGroup& writes, History& history);
  absl::Status Store(const PendingChanges& pending, const History& before, const History& history);
  // After a COMMIT without an answer: OK if it happened.
  absl::Status FindOut(const PendingChanges& pending);
  absl::StatusOr<bool> Happened(const ChangeSetRow& last);

  const storage::PostgresOptions options_;
  const Clock& clock_;
  KnownHistory& known_;
  storage::PostgresMetrics& metrics_;
  std::unique_ptr<storage::Postgres> connection_;
  absl::BitGen random_;
  absl::Time requests_forgotten_ = absl::InfinitePast();
};

}  // namespace orewatch::registry
