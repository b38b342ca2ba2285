#include "services/alerting/domain/timeline.h"

namespace orewatch::alerting {

EntryKind KindOf(Reason reason) {
  switch (reason) {
    case Reason::kSeverityRaised:
    case Reason::kSeverityLowered:
      return EntryKind::kSeverityChanged;
    case Reason::kFlappingBegan:
      return EntryKind::kFlappingBegan;
    case Reason::kFlappingEnded:
      return EntryKind::kFlappingEnded;
    case Reason::kStaleInputBegan:
      return EntryKind::kStaleInputBegan;
    case Reason::kStaleInputEnded:
      return EntryKind::kStaleInputEnded;
    case Reason::kUnmuted:
      return EntryKind::kUnmuted;
    case Reason::kDigest:
      return EntryKind::kDigest;
    default:
      return EntryKind::kStateChanged;
  }
}

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
    case EntryKind::kUnmuted:
      return "unmuted";
    case EntryKind::kDigest:
      return "digest";
  }
  return "unknown";
}

}  // namespace orewatch::alerting
