#include "services/alerting/domain/delivery.h"

#include <algorithm>

namespace orewatch::alerting {

const char* DeliveryStateName(DeliveryState state) {
  switch (state) {
    case DeliveryState::kPending:
      return "PENDING";
    case DeliveryState::kDelivered:
      return "DELIVERED";
    case DeliveryState::kNotified:
      return "NOTIFIED";
    case DeliveryState::kDead:
      return "DEAD";
    case DeliveryState::kSuperseded:
      return "SUPERSEDED";
  }
  return "UNKNOWN";
}

namespace {

bool IsTold(const DeliveryTarget& target, const Alert& alert) {
  const Severity worst = alert.told.has_value() ? std::max(alert.told->worst, alert.severity) : alert.severity;
  return worst >= target.least_severity && alert.VisibleTo(target.principal);
}

}  // namespace

std::vector<Delivery> DeliveriesOf(const std::vector<TimelineEntry>& entries,
                                   const std::vector<DeliveryTarget>& targets) {
  std::vector<Delivery> deliveries;
  for (const TimelineEntry& entry : entries) {
    for (const DeliveryTarget& target : targets) {
      if (entry.notifies && IsTold(target, entry.after)) {
        deliveries.push_back({.sequence = entry.after.sequence,
                              .target = target.name,
                              .alert_id = entry.after.Id(),
                              .create_time = entry.time,
                              .next_attempt = entry.time});
      }
    }
  }
  return deliveries;
}

}  // namespace orewatch::alerting
