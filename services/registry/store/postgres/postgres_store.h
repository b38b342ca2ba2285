// The registry's store on PostgreSQL, shared by any number of replicas: one writer that merges waiting writes, a pool
// of readers, and an ear for what other replicas commit.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/storage/postgres_listener.h"
#include "common/storage/postgres_metrics.h"
#include "common/storage/postgres_pool.h"
#include "common/time/clock.h"
#include "prometheus/registry.h"
#include "services/registry/store/commit_queue.h"
#include "services/registry/store/postgres/known_history.h"
#include "services/registry/store/postgres/writer.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

class PostgresStore final : public RegistryStore {
 public:
  struct Options {
    // As PostgresOptions::database.
    std::string database;
    // Connections for reads. Two more write and listen.
    int connections = 8;
    // How often the head is looked up in case its announcement is not heard.
    absl::Duration poll = absl::Seconds(1);
    // For one page or chunk, unless its caller has less (DeadlineScope).
    absl::Duration read_timeout = absl::Seconds(30);
    // For other replicas to commit.
    absl::Duration lock_timeout = absl::Seconds(10);
    // Told, by the thread that listens, each time that the server has answered it.
    std::function<void()> answered = nullptr;
  };

  // Connects and brings the schema up to date. Clock and metrics outlive the store; one store per registry of metrics.
  // INVALID_ARGUMENT for a malformed connection string, UNAVAILABLE with the reason if the server cannot be reached,
  // FAILED_PRECONDITION for a server too old, a database of a newer release or one that is not in UTF-8.
  static absl::StatusOr<std::unique_ptr<PostgresStore>> Open(const Options& options, const Clock& clock,
                                                             prometheus::Registry& metrics);

  absl::StatusOr<Committed> Commit(const Author& author, const Write& write) override {
    return queue_->Commit(author, write);
  }
  absl::StatusOr<Committed> CommitTouching(const std::vector<EntryKey>& touched, const Author& author,
                                           const Write& write) override {
    return queue_->Commit(author, write, touched);
  }
  absl::StatusOr<std::optional<StoredEntry>> Find(Kind kind, const std::string& key) override;
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
  int64_t head() const override { return known_.head(); }
  absl::StatusOr<int64_t> FindHead() override;
  int64_t earliest() const override { return known_.earliest(); }
  const std::string& lineage() const override { return known_.lineage(); }
  const std::string& secret() const override { return known_.secret(); }
  rpc::Notifier& committed() override { return known_.changed(); }

 private:
  PostgresStore(const Options& options, const Clock& clock, prometheus::Registry& metrics);
  void Start();
  // False: it is of another lineage than is known.
  bool Hear(const std::string& payload);

  // Runs `body` with a reader of the pool.
  template <typename Result>
  absl::StatusOr<Result> Read(const char* operation,
                              const std::function<absl::StatusOr<Result>(storage::Postgres&)>& body);

  const Options options_;
  storage::PostgresMetrics metrics_;
  const storage::PostgresOptions connection_;
  KnownHistory known_;
  storage::PostgresPool readers_;
  // Used by Open, then by the thread of the queue alone.
  PostgresWriter writer_;
  std::unique_ptr<CommitQueue> queue_;
  std::unique_ptr<storage::PostgresListener> listener_;
};

}  // namespace orewatch::registry
