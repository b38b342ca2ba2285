// The registry's store on SQLite: one writer that merges waiting writes, and a pool of readers.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/storage/sqlite.h"
#include "common/time/clock.h"
#include "services/registry/store/commit_queue.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

class SqliteStore final : public RegistryStore {
 public:
  // Opens or creates the file and brings its schema up to date. The clock outlives the store.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(const std::string& path, const Clock& clock);

  absl::StatusOr<Committed> Commit(const Author& author, const Write& write) override {
    return queue_->Commit(author, write);
  }
  absl::StatusOr<std::optional<StoredEntry>> Find(Kind kind, const std::string& key) override;
  absl::StatusOr<ListResult> List(const ListQuery& query) override;
  absl::StatusOr<v1::ChangeSet> ReadChanges(int64_t revision, int first, size_t max_bytes) override;
  int64_t head() const override { return head_.load(); }
  const std::string& lineage() const override { return lineage_; }
  rpc::Notifier& committed() override { return committed_; }

 private:
  using Waiting = CommitQueue::Waiting;

  SqliteStore(std::string path, const Clock& clock, std::unique_ptr<storage::Sqlite> writer);
  absl::Status LoadHistory();
  void CommitGroup(const CommitQueue::Group& group);
  absl::Status RunOne(Waiting& waiting, int64_t& head, absl::Time& last_commit);
  absl::Status ForgetOldRequests(absl::Time now);

  // Runs `body` with a reader of the pool.
  template <typename Result>
  absl::StatusOr<Result> WithReader(const std::function<absl::StatusOr<Result>(storage::Sqlite&)>& body);

  const std::string path_;
  const Clock& clock_;
  std::string lineage_;
  std::atomic<int64_t> head_{0};
  rpc::Notifier committed_;

  absl::Mutex readers_mutex_;
  std::vector<std::unique_ptr<storage::Sqlite>> idle_readers_ ABSL_GUARDED_BY(readers_mutex_);

  // Used by the thread of the queue alone.
  std::unique_ptr<storage::Sqlite> writer_;
  absl::Time last_commit_;
  std::unique_ptr<CommitQueue> queue_;
};

}  // namespace orewatch::registry
