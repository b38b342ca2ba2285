#include "services/alerting/domain/attention.h"

namespace orewatch::alerting {

void DropAttention(Alert& alert) {
  alert.acknowledgement.reset();
  alert.snooze.reset();
}

std::vector<Ended> EndByRise(Severity before, Alert& alert) {
  if (!alert.Live() || !alert.acknowledgement.has_value() || alert.severity <= before) {
    return {};
  }
  alert.acknowledgement.reset();
  return {{EntryKind::kAcknowledgementEnded, Reason::kSeverityRose}};
}

std::vector<Ended> EndByTime(absl::Time now, Alert& alert) {
  std::vector<Ended> ended;
  if (auto& ack = alert.acknowledgement; ack.has_value()) {
    if (ack->expire_time <= now) {
      ack.reset();
      ended.push_back({EntryKind::kAcknowledgementEnded, Reason::kExpired});
    } else if (ack->remind_time.has_value() && *ack->remind_time <= now) {
      ack->remind_time.reset();
      ended.push_back({EntryKind::kReminded, Reason::kNone});
    }
  }
  if (alert.snooze.has_value() && alert.snooze->expire_time <= now) {
    alert.snooze.reset();
    ended.push_back({EntryKind::kSnoozeEnded, Reason::kExpired});
  }
  return ended;
}

bool HeldDown(bool cleared, Alert& alert) {
  if (cleared) {
    alert.resolved_by_hand = false;
  }
  return alert.resolved_by_hand;
}

}  // namespace orewatch::alerting
