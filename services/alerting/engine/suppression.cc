#include "services/alerting/engine/suppression.h"

namespace orewatch::alerting {
namespace {

bool IsWorthTelling(const TimelineEntry& entry) {
  const Alert& alert = entry.after;
  switch (entry.kind) {
    case EntryKind::kStateChanged:
      return alert.state == AlertState::kFiring || (alert.announced && !alert.Live());
    case EntryKind::kSeverityChanged:
      return alert.state == AlertState::kFiring && entry.reason == Reason::kSeverityRaised;
    case EntryKind::kFlappingBegan:
      return true;
    default:
      return false;
  }
}

}  // namespace

const char* SuppressionOf(const TimelineEntry& entry) {
  const Alert& alert = entry.after;
  if (entry.notifies || entry.digest_of != 0 || !IsWorthTelling(entry)) {
    return nullptr;
  }
  if (alert.snooze.has_value()) {
    return "snoozed";
  }
  if (alert.acknowledgement.has_value()) {
    return "acknowledged";
  }
  if (alert.inhibited_by.has_value()) {
    return "dependency";
  }
  if (alert.quiet_until.has_value()) {
    return "new_subject";
  }
  return alert.flapping ? "flapping" : nullptr;
}

}  // namespace orewatch::alerting
