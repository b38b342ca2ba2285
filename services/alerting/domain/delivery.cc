#include "services/alerting/domain/delivery.h"

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

bool Notifies(const Transition& transition) {
  return transition.after.state == AlertState::kFiring || transition.from == AlertState::kFiring;
}

std::vector<Delivery> DeliveriesOf(const std::vector<Transition>& transitions,
                                   const std::vector<DeliveryTarget>& targets) {
  std::vector<Delivery> deliveries;
  for (const Transition& transition : transitions) {
    if (!Notifies(transition)) {
      continue;
    }
    for (const DeliveryTarget& target : targets) {
      if (transition.after.severity >= target.least_severity) {
        deliveries.push_back({.sequence = transition.after.sequence,
                              .target = target.name,
                              .alert_id = transition.after.Id(),
                              .create_time = transition.time,
                              .next_attempt = transition.time});
      }
    }
  }
  return deliveries;
}

}  // namespace orewatch::alerting
