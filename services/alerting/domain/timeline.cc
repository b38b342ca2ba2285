#include "services/alerting/domain/timeline.h"

#include "services/alerting/domain/attention.h"

namespace orewatch::alerting {

const char* KindName(EntryKind kind) {
  switch (kind) {
    case EntryKind::kStateChanged:
      return "state_changed";
    case EntryKind::kSeverityChanged:
      return "severity_changed";
    case EntryKind::kAcknowledged:
      return "acknowledged";
    case EntryKind::kUnacknowledged:
      return "unacknowledged";
    case EntryKind::kAcknowledgementEnded:
      return "acknowledgement_ended";
    case EntryKind::kReminded:
      return "reminded";
    case EntryKind::kSnoozed:
      return "snoozed";
    case EntryKind::kSnoozeEnded:
      return "snooze_ended";
    case EntryKind::kCommented:
      return "commented";
    case EntryKind::kAssigned:
      return "assigned";
    case EntryKind::kFlappingBegan:
      return "flapping_began";
    case EntryKind::kFlappingEnded:
      return "flapping_ended";
    case EntryKind::kStaleInputBegan:
      return "stale_input_began";
    case EntryKind::kStaleInputEnded:
      return "stale_input_ended";
    case EntryKind::kNotified:
      return "notified";
  }
  return "unknown";
}

bool Notifies(const TimelineEntry& entry) {
  const Alert& alert = entry.after;
  const bool told = alert.state == AlertState::kFiring && !IsMuted(alert);
  switch (entry.kind) {
    case EntryKind::kStateChanged:
      return told || (entry.from == AlertState::kFiring && alert.state == AlertState::kResolved);
    case EntryKind::kAcknowledgementEnded:
      // A rise has an entry of its own.
      return told && entry.reason != Reason::kSeverityRose;
    case EntryKind::kSeverityChanged:
    case EntryKind::kUnacknowledged:
    case EntryKind::kSnoozeEnded:
    case EntryKind::kFlappingBegan:
      return told;
    case EntryKind::kReminded:
      return alert.state == AlertState::kFiring && !alert.snooze.has_value();
    case EntryKind::kAcknowledged:
    case EntryKind::kSnoozed:
    case EntryKind::kCommented:
    case EntryKind::kAssigned:
    case EntryKind::kFlappingEnded:
    case EntryKind::kStaleInputBegan:
    case EntryKind::kStaleInputEnded:
    case EntryKind::kNotified:
      return false;
  }
  return false;
}

}  // namespace orewatch::alerting
