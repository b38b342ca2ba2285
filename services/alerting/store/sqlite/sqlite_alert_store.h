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
class SqliteAlertStore final : public AlertStore {
 public:
  // Opens or creates the file, `:memory:` for a private one, and migrates it. UNAVAILABLE, DATA_LOSS,
  // FAILED_PRECONDITION.
  static absl::StatusOr<std::unique_ptr<SqliteAlertStore>> Open(const std::string& path);
  ~SqliteAlertStore() override;

  absl::StatusOr<StoreIdentity> Identity() override;
  absl::StatusOr<World> Load() override;
  absl::Status Write(const Commit& commit) override;
  absl::StatusOr<bool> DefaultsLoaded() override;
  absl::StatusOr<std::optional<AnsweredRequest>> FindAnswer(const std::string& principal, const std::string& request_id,
                                                            absl::Time since) override;
  absl::StatusOr<std::vector<TimelineEntry>> Timeline(const AlertKey& key, int64_t before, int64_t limit) override;
  absl::StatusOr<std::vector<TimelineEntry>> TransitionsAfter(int64_t sequence, int64_t limit) override;

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
