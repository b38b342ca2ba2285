// Where notifications of Alertmanager arrive in a test, and what is checked of them.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/alerting/deliver/notification.h"

namespace orewatch::testing {

// A change of an alert that somebody must be told of.
struct ToldChange {
  std::string alert_id;
  int64_t sequence = 0;
  bool firing = true;
  std::string severity;

  friend auto operator<=>(const ToldChange&, const ToldChange&) = default;
  friend bool operator==(const ToldChange&, const ToldChange&) = default;
};

// Thread-safe.
class NotificationLog {
 public:
  void Add(const alerting::Notification& notification);
  // Every change was told in its current severity, and no end that was none. Returns what is wrong; empty: nothing.
  std::vector<std::string> Check(const std::vector<ToldChange>& changes) const;
  // How often something was told again. Not counted: what was told within `settle` after a change of the same alert,
  // since the members of a cluster take turns, and one whose turn comes late tells of what was.
  int Duplicates(const std::vector<std::pair<std::string, absl::Time>>& changes = {},
                 absl::Duration settle = absl::ZeroDuration()) const;
  // The same, not counted what was told within one of these times.
  int DuplicatesBut(const std::vector<std::pair<absl::Time, absl::Time>>& excused) const;
  // Waits until all of them have been told.
  bool Await(const std::vector<ToldChange>& changes, absl::Duration patience) const;
  // All that was told of these alerts, in order.
  std::vector<ToldChange> ToldOf(const std::set<std::string>& alerts) const;
  std::string DebugString() const;

 private:
  bool HasAll(const std::vector<ToldChange>& changes) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::vector<absl::Time> times_ ABSL_GUARDED_BY(mutex_);
  std::vector<ToldChange> told_ ABSL_GUARDED_BY(mutex_);
};

// Takes the calls of Alertmanager's webhook on a free port of 127.0.0.1.
class NotificationReceiver {
 public:
  explicit NotificationReceiver(NotificationLog& log);
  ~NotificationReceiver();
  std::string url() const;

 private:
  struct Server;
  std::unique_ptr<Server> server_;
};

}  // namespace orewatch::testing
