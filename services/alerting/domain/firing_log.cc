#include "services/alerting/domain/firing_log.h"

#include <algorithm>
#include <utility>

namespace orewatch::alerting {
namespace {

bool IsNewer(const Firing& a, const Firing& b) {
  return a.fire_time != b.fire_time ? a.fire_time > b.fire_time : a.key < b.key;
}

}  // namespace

void FiringLog::Note(const TimelineEntry& entry) {
  const Alert& alert = entry.after;
  const bool firing = alert.state == AlertState::kFiring;
  firings_.notifications += entry.notifies && InPeriod(entry.time) ? 1 : 0;
  if (firing && entry.ChangesState()) {
    open_[alert.key] = Firing{.key = alert.key, .fire_time = entry.time, .value = alert.value, .reason = entry.reason};
  }
  const auto open = open_.find(alert.key);
  if (open == open_.end()) {
    return;
  }
  if (firing) {
    open->second.worst = std::max(open->second.worst, alert.severity);
    open->second.told = open->second.told || entry.notifies || entry.digest_of != 0;
  } else {
    open->second.resolve_time = entry.time;
    open->second.resolve_reason = entry.reason;
    Close(open->second);
    open_.erase(open);
  }
}

void FiringLog::Close(const Firing& firing) {
  const absl::Time end = std::min(firing.resolve_time.value_or(period_.end), period_.end);
  const bool began = InPeriod(firing.fire_time);
  if (!began && (firing.fire_time >= period_.end || end <= period_.start)) {
    return;
  }
  firings_.fired += began ? 1 : 0;
  firings_.standing += began ? 0 : 1;
  firings_.told += began && firing.told ? 1 : 0;
  firings_.duration += end - std::max(firing.fire_time, period_.start);
  firings_.newest.push_back(firing);
  if (firings_.newest.size() > 2 * most_) {
    KeepNewest();
  }
}

void FiringLog::KeepNewest() {
  auto& newest = firings_.newest;
  std::sort(newest.begin(), newest.end(), IsNewer);
  newest.resize(std::min(newest.size(), most_));
}

Firings FiringLog::Finish() {
  for (const auto& [key, firing] : open_) {
    Close(firing);
  }
  KeepNewest();
  return std::move(firings_);
}

}  // namespace orewatch::alerting
