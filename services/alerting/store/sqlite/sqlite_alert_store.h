// AlertStore in one SQLite file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/alerting/store/alert_store.h"

namespace orewatch::storage {
class HistoryMark;
class Sqlite;
class StorageMetrics;
}  // namespace orewatch::storage

namespace orewatch::alerting {

// Thread-safe: one connection, one caller at a time. The lease belongs to the process that opened the file last, for as
// long as no other does: who still has it open writes nothing under its epoch any more.
class SqliteAlertStore final : public AlertStore, public DeliveryStore {
 public:
  // Opens or creates the file, `:memory:` for a private one, and migrates it. UNAVAILABLE, DATA_LOSS,
  // FAILED_PRECONDITION.
  static absl::StatusOr<std::unique_ptr<SqliteAlertStore>> Open(
      const std::string& path, const std::shared_ptr<storage::StorageMetrics>& metrics = nullptr);
  ~SqliteAlertStore() override;

  const StoreIdentity& identity() const override { return identity_; }
  absl::StatusOr<StoredWorld> Load() override;
  absl::StatusOr<Advance> CatchUp(const Version& from, const Changes& also) override;
  absl::StatusOr<Version> Write(const Commit& commit) override;
  absl::StatusOr<std::optional<int64_t>> TakeLease(const std::string& holder, absl::Duration life) override;
  absl::Status GiveUpLease(int64_t) override { return absl::OkStatus(); }
  std::unique_ptr<Following> Follow(std::function<void(const Version&)>) override { return nullptr; }
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
  // `mark` is null for a private file.
  SqliteAlertStore(std::unique_ptr<storage::Sqlite> db, std::unique_ptr<storage::HistoryMark> mark);

  // What every process finds out first.
  absl::Status Begin() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // A file that lacks commits which others may have heard of goes on as another history.
  absl::Status RenewIdentityIfRestored(int64_t version) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ReadHead(Version& version, WorldPosition& position) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ReadWritten(int64_t after, Changes& changes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckHistory(const Version& from) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ReadNamed(const Changes& also, Changes& changes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckCommit(const Commit& commit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WriteRows(const Changes& changes, int64_t version) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WriteTimeline(const Changes& changes, int64_t version) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Drop(const Dropped& dropped) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WriteAnswer(const AnsweredRequest& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WriteHead(const Commit& commit, const Version& version) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  const std::unique_ptr<storage::Sqlite> db_ ABSL_PT_GUARDED_BY(mutex_);
  const std::unique_ptr<storage::HistoryMark> mark_ ABSL_PT_GUARDED_BY(mutex_);
  // Set before anybody else has this.
  StoreIdentity identity_;
  int64_t epoch_ = 0;
};

}  // namespace orewatch::alerting
