// The registry's store on SQLite: one writer that merges waiting writes, and a pool of readers.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/storage/history_mark.h"
#include "common/storage/sqlite.h"
#include "common/time/clock.h"
#include "services/registry/store/commit_queue.h"
#include "services/registry/store/sqlite/entry_cache.h"
#include "services/registry/store/sqlite/written_entries.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

class SqliteStore final : public RegistryStore {
 public:
  // Opens or creates the file and brings its schema up to date. A file that is older than what its history mark (a
  // file beside it, `<path>.history`) remembers, or has none, was restored or moved: it goes on under a new lineage.
  // The clock outlives the store.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(
      const std::string& path, const Clock& clock, const std::shared_ptr<storage::StorageMetrics>& metrics = nullptr);

  absl::StatusOr<Committed> Commit(const Author& author, const Write& write) override {
    return queue_->Commit(author, write);
  }
  absl::StatusOr<std::optional<StoredEntry>> Find(Kind kind, const std::string& key) override;
  std::shared_ptr<const StoredEntry> FindInMemory(Kind kind, const std::string& key) override;
  absl::StatusOr<FoundEntries> FindAll(const std::vector<EntryKey>& keys, size_t max_bytes) override;
  absl::StatusOr<ListResult> List(const ListQuery& query) override;
  absl::StatusOr<v1::ChangeSet> ReadChanges(int64_t revision, int first, size_t max_bytes) override;
  absl::StatusOr<HistoryResult> ReadHistory(const HistoryQuery& query) override;
  absl::StatusOr<std::vector<SearchHit>> Search(const SearchQuery& query) override;
  absl::StatusOr<int64_t> EarliestSearched() override;
  absl::StatusOr<std::vector<EntryKey>> DeletedBefore(absl::Time time, int limit) override;
  absl::StatusOr<std::vector<EntryCount>> CountEntries() override;
  void ObserveCommits(std::function<void(absl::Duration)> observe) override { queue_->Observe(std::move(observe)); }
  absl::StatusOr<std::string> DigestAt(int64_t revision) override;
  absl::StatusOr<int64_t> RevisionAt(absl::Time time) override;
  absl::StatusOr<int64_t> RevisionReached(int64_t after, int changes) override;
  absl::StatusOr<std::optional<int64_t>> SlowestFollower(absl::Time since) override;
  int64_t head() const override { return head_.load(); }
  int64_t earliest() const override { return earliest_.load(); }
  const std::string& lineage() const override { return lineage_; }
  const std::string& secret() const override { return secret_; }
  rpc::Notifier& committed() override { return committed_; }

 private:
  using Waiting = CommitQueue::Waiting;

  // Where the history stands while a group is written.
  struct Position {
    int64_t head = 0;
    int64_t earliest = 0;
    absl::Time last_commit;
    std::string digest;
    WrittenEntries written;
  };

  SqliteStore(std::string path, const Clock& clock, std::unique_ptr<storage::Sqlite> writer,
              std::unique_ptr<storage::HistoryMark> mark);
  absl::Status LoadHistory();
  absl::Status RenewLineageIfRestored();
  void CommitGroup(const CommitQueue::Group& group);
  absl::Status RunGroup(const CommitQueue::Group& group, Position& position);
  // A write's own error undoes the write alone.
  absl::Status RunOne(Waiting& waiting, bool alone, Position& position);
  absl::Status Apply(Waiting& waiting, Position& position);
  absl::Status ForgetOldRequests(absl::Time now);

  // Runs `body` with a reader of the pool.
  template <typename Result>
  absl::StatusOr<Result> WithReader(const std::function<absl::StatusOr<Result>(storage::Sqlite&)>& body);
  // The same in one read transaction.
  template <typename Result>
  absl::StatusOr<Result> WithSnapshot(const std::function<absl::StatusOr<Result>(storage::Sqlite&)>& body);

  // A part of the history that was read; it never changes.
  struct ReadPart {
    int64_t revision = 0;
    int first = 0;
    size_t max_bytes = 0;
    std::shared_ptr<const v1::ChangeSet> changes;
  };
  std::shared_ptr<const v1::ChangeSet> FindRead(int64_t revision, int first, size_t max_bytes);
  void KeepRead(ReadPart part);

  const std::string path_;
  const Clock& clock_;
  std::string lineage_;
  std::string secret_;
  std::atomic<int64_t> head_{0};
  std::atomic<int64_t> earliest_{0};
  rpc::Notifier committed_;
  EntryCache cache_;

  // Used by the thread of the queue alone. Before the readers, so that it is the last to close and leaves all in one
  // file.
  std::unique_ptr<storage::Sqlite> writer_;
  absl::Mutex readers_mutex_;
  std::vector<std::unique_ptr<storage::Sqlite>> idle_readers_ ABSL_GUARDED_BY(readers_mutex_);

  // The newest first: all who watch read the same.
  absl::Mutex reads_mutex_;
  std::deque<ReadPart> recent_reads_ ABSL_GUARDED_BY(reads_mutex_);

  // Used by the thread of the queue alone.
  const std::unique_ptr<storage::HistoryMark> mark_;
  absl::Time last_commit_;
  std::string digest_;
  std::unique_ptr<CommitQueue> queue_;
};

}  // namespace orewatch::registry
