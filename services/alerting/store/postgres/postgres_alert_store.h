// AlertStore in PostgreSQL, shared by any number of replicas.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/storage/postgres_metrics.h"
#include "common/storage/postgres_pool.h"
#include "prometheus/registry.h"
#include "services/alerting/store/alert_store.h"

namespace orewatch::alerting {

// Thread-safe: a connection that commits, one for the lease, a pool that reads, and one for each that follows.
class PostgresAlertStore final : public AlertStore, public DeliveryStore {
 public:
  struct Options {
    // As PostgresOptions::database.
    std::string database;
    // Connections for reads. Three more commit, keep the lease and listen.
    int connections = 4;
    // For one read, unless its caller has less (DeadlineScope).
    absl::Duration read_timeout = absl::Seconds(30);
    // For a commit, however much it holds.
    absl::Duration write_timeout = absl::Minutes(1);
    absl::Duration lease_timeout = absl::Seconds(5);
    // Between two looks at the head by who follows, in case it did not hear.
    absl::Duration poll = absl::Seconds(1);
    // Told, by the thread that listens, each time that the server has answered it.
    std::function<void()> answered = nullptr;
  };

  // Connects and brings the schema up to date. The metrics outlive the object; one for each registry of metrics.
  // INVALID_ARGUMENT for a malformed connection string, UNAVAILABLE if the server cannot be reached,
  // FAILED_PRECONDITION for a server too old, a database of a newer release or one that is not in UTF-8.
  static absl::StatusOr<std::unique_ptr<PostgresAlertStore>> Open(const Options& options,
                                                                  prometheus::Registry& metrics);

  // Of a database that is restored while this runs it becomes another; what was returned before lives on.
  const StoreIdentity& identity() const override { return *identity_.load(); }
  absl::StatusOr<StoredWorld> Load() override;
  absl::StatusOr<Advance> CatchUp(const Version& from, const Changes& also) override;
  absl::StatusOr<Version> Write(const Commit& commit) override;
  absl::StatusOr<std::optional<int64_t>> TakeLease(const std::string& holder, absl::Duration life) override;
  absl::Status GiveUpLease(int64_t epoch) override;
  std::unique_ptr<Following> Follow(std::function<void(const Version&)> committed) override;
  absl::StatusOr<bool> DefaultsLoaded() override;
  absl::StatusOr<std::optional<AnsweredRequest>> FindAnswer(const std::string& principal, const std::string& request_id,
                                                            absl::Time since) override;
  absl::StatusOr<std::vector<TimelineEntry>> Timeline(const AlertKey& key, int64_t before, int64_t limit) override;
  absl::StatusOr<std::vector<TimelineEntry>> TransitionsAfter(int64_t sequence, int64_t limit) override;
  DeliveryStore& deliveries() override { return *this; }

  absl::StatusOr<std::vector<Delivery>> DueDeliveries(const std::string& target, absl::Time now,
                                                      int64_t limit) override;
  absl::Status UpdateDeliveries(int64_t epoch, const std::vector<Delivery>& deliveries) override;
  absl::StatusOr<std::optional<Delivery>> MarkNotified(const std::string& alert_id, int64_t sequence,
                                                       absl::Time time) override;
  absl::StatusOr<std::vector<Delivery>> Unnotified(absl::Time since, absl::Time until, int64_t limit) override;
  absl::StatusOr<std::vector<Delivery>> ListDeliveries(const DeliveryQuery& query) override;
  absl::StatusOr<std::vector<Delivery>> DeliveriesAfter(const DeliveryRank& rank, int64_t limit) override;
  absl::StatusOr<int64_t> CountDeliveries(const std::string& target, DeliveryState state) override;
  absl::StatusOr<Outbox> ReadOutbox() override;
  absl::StatusOr<Delivery> ReplayDelivery(int64_t sequence, const std::string& target, absl::Time now) override;

 private:
  // A connection that is opened anew after it broke.
  struct Connection {
    absl::Mutex mutex;
    std::unique_ptr<storage::Postgres> db ABSL_GUARDED_BY(mutex);
  };

  PostgresAlertStore(const Options& options, prometheus::Registry& metrics);

  template <typename Result>
  absl::StatusOr<Result> Read(const char* operation,
                              absl::FunctionRef<absl::StatusOr<Result>(storage::Postgres&)> body);
  // The same of one snapshot.
  template <typename Result>
  absl::StatusOr<Result> ReadSnapshot(const char* operation,
                                      absl::FunctionRef<absl::StatusOr<Result>(storage::Postgres&)> body);
  // In a transaction of its own, which the epoch, if there is one, must outlast.
  absl::Status WriteDeliveries(std::optional<int64_t> epoch, absl::FunctionRef<absl::Status(storage::Postgres&)> body);
  absl::StatusOr<std::unique_ptr<storage::Postgres>> Connect();
  // A database that comes from a copy, or whose server was promoted, may lack commits that others have heard of: it
  // goes on as another history.
  absl::Status LearnIdentity(storage::Postgres& db);
  // Looks after the connection before it is used.
  absl::Status Mend(Connection& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection.mutex);
  absl::Status WithLease(absl::FunctionRef<absl::Status(storage::Postgres&)> body);
  // What is asked before anything is written.
  absl::Status Begin(storage::Postgres& db, const Commit& commit);
  absl::Status WriteCommit(storage::Postgres& db, const Commit& commit, const Version& version);
  // Whether a COMMIT that got no answer happened. UNAVAILABLE (COMMIT_UNKNOWN).
  absl::Status FindOut(const Version& version) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_.mutex);
  absl::StatusOr<bool> Happened(const Version& version) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_.mutex);

  const Options options_;
  storage::PostgresMetrics metrics_;
  const storage::PostgresOptions connection_;
  storage::PostgresPool readers_;
  absl::Mutex identities_mutex_;
  std::deque<StoreIdentity> identities_ ABSL_GUARDED_BY(identities_mutex_);
  // The last of them, from Open on.
  std::atomic<const StoreIdentity*> identity_{nullptr};
  Connection writer_;
  Connection keeper_;
};

}  // namespace orewatch::alerting
