#include "services/alerting/deliver/platform_alerts.h"

#include <utility>

namespace orewatch::alerting {
namespace {

// Their changes are no entries of a timeline: their sequence only has to grow.
int64_t SequenceAt(absl::Time time) { return absl::ToUnixMillis(time); }

FiringAlert MakeAlert(const std::string& id, const std::string& alertname, absl::Time now) {
  FiringAlert alert;
  alert.alert_id = id;
  alert.labels = {{"alertname", alertname}, {kAudienceLabel, kPlatformAudience}};
  alert.fire_time = now;
  alert.sequence = SequenceAt(now);
  return alert;
}

FiringAlert MakeWatchdog(absl::Time now, absl::Duration hold) {
  FiringAlert alert = MakeAlert(kWatchdogId, "Watchdog", now);
  alert.severity = Severity::kInfo;
  alert.annotations = {{"summary", "Always fires: as long as it arrives, alerts do."}};
  alert.hold = hold;
  return alert;
}

}  // namespace

PlatformAlerts::PlatformAlerts(const FiringAlerts& alerts, const Clock& clock, absl::Duration watchdog_hold)
    : alerts_(alerts),
      clock_(clock),
      watchdog_(std::make_shared<FiringAlert>(MakeWatchdog(clock.Now(), watchdog_hold))) {}

FiringSnapshot PlatformAlerts::Snapshot(absl::Time ended_since) const {
  FiringSnapshot alerts = alerts_.Snapshot(ended_since);
  alerts.push_back(watchdog_);
  absl::MutexLock lock(&mutex_);
  for (const auto& [id, alert] : found_) {
    if (!alert.resolve_time.has_value() || *alert.resolve_time >= ended_since) {
      alerts.push_back(std::make_shared<FiringAlert>(alert));
    }
  }
  return alerts;
}

void PlatformAlerts::Set(const std::string& id, const std::string& alertname, const std::string& summary) {
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  const auto found = found_.find(id);
  const bool fires = found != found_.end() && !found->second.resolve_time.has_value();
  if (summary.empty()) {
    if (fires) {
      found->second.resolve_time = now;
      found->second.sequence = SequenceAt(now);
    }
    return;
  }
  if (fires) {
    found->second.annotations = {{"summary", summary}};
    return;
  }
  FiringAlert alert = MakeAlert(id, alertname, now);
  alert.severity = Severity::kCritical;
  alert.annotations = {{"summary", summary}};
  found_.insert_or_assign(id, std::move(alert));
}

void PlatformAlerts::Clear() {
  absl::MutexLock lock(&mutex_);
  found_.clear();
}

}  // namespace orewatch::alerting
