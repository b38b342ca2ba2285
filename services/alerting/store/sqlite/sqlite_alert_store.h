// AlertStore in one SQLite file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/alerting/store/alert_store.h"

namespace orewatch::storage {
class Sqlite;
}

namespace orewatch::alerting {

// Thread-safe: one connection, one caller at a time.
class SqliteAlertStore final : public AlertStore, public DeliveryStore {
 public:
  // Opens or creates the file, `:memory:` for a private one, and migrates it. UNAVAILABLE, DATA_LOSS,
  // FAILED_PRECONDITION.
  static absl::StatusOr<std::unique_ptr<SqliteAlertStore>> Open(const std::string& path);
  ~SqliteAlertStore() override;

  absl::StatusOr<World> Load() override;
  absl::Status Write(const Commit& commit) override;
  absl::StatusOr<bool> DefaultsLoaded() override;
  absl::StatusOr<std::optional<AnsweredRequest>> FindAnswer(const std::string& principal, const std::string& request_id,
                                                            absl::Time since) override;
  absl::StatusOr<std::vector<Transition>> Timeline(const AlertKey& key, int64_t limit) override;
  absl::StatusOr<std::vector<Transition>> TransitionsAfter(int64_t sequence, int64_t limit) override;
  DeliveryStore& deliveries() override { return *this; }

  absl::StatusOr<std::vector<Delivery>> DueDeliveries(const std::string& target, absl::Time now,
                                                      int64_t limit) override;
  // One process holds the file, so that its epoch never ends.
  absl::Status UpdateDeliveries(int64_t epoch, const std::vector<Delivery>& deliveries) override;
  absl::StatusOr<bool> MarkNotified(const std::string& alert_id, int64_t sequence, absl::Time time) override;
  absl::StatusOr<std::vector<Delivery>> Unnotified(absl::Time since, absl::Time until, int64_t limit) override;
  absl::StatusOr<std::vector<Delivery>> ListDeliveries(const DeliveryQuery& query) override;
  absl::StatusOr<int64_t> CountDeliveries(const std::string& target, DeliveryState state) override;
  absl::StatusOr<Delivery> ReplayDelivery(int64_t sequence, const std::string& target, absl::Time now) override;

 private:
  explicit SqliteAlertStore(std::unique_ptr<storage::Sqlite> db);

  absl::Status LoadInto(World& world) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WriteRules(const Changes& changes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WriteScores(const Changes& changes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WriteAlerts(const Changes& changes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WriteAnswer(const AnsweredRequest& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WritePosition(const Commit& commit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  const std::unique_ptr<storage::Sqlite> db_ ABSL_PT_GUARDED_BY(mutex_);
};

}  // namespace orewatch::alerting
