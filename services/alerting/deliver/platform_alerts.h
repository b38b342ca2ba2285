// What orewatch says about itself, beside what it says about risks.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/time/clock.h"
#include "services/alerting/deliver/firing_alert.h"

namespace orewatch::alerting {

inline constexpr char kWatchdogId[] = "watchdog";

// Adds to other alerts a watchdog, which always fires, and whatever the auditor has found. Thread-safe; the alerts and
// the clock outlive it.
class PlatformAlerts final : public FiringAlerts {
 public:
  // `watchdog_hold`: how long Alertmanager waits for the next watchdog before it takes us for dead.
  PlatformAlerts(const FiringAlerts& alerts, const Clock& clock, absl::Duration watchdog_hold);

  FiringSnapshot Snapshot(absl::Time ended_since) const override;
  int64_t Sequence() const override { return alerts_.Sequence(); }
  // Begins, goes on, or ends (`summary` is empty).
  void Set(const std::string& id, const std::string& alertname, const std::string& summary);
  // As if nothing had been found yet.
  void Clear();

 private:
  const FiringAlerts& alerts_;
  const Clock& clock_;
  const std::shared_ptr<const FiringAlert> watchdog_;
  mutable absl::Mutex mutex_;
  std::map<std::string, FiringAlert> found_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch::alerting
