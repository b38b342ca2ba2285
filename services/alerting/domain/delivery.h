// The outbox: what is to be told to whom of each change of an alert, and how far that has come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/alert.h"
#include "services/alerting/domain/timeline.h"

namespace orewatch::alerting {

// The whole cluster of Alertmanagers is one target; every other name is that of a webhook.
inline constexpr char kAlertmanagerTarget[] = "alertmanager";

// Stored by number: add at the end. The numbers are those of orewatch.alerting.v1.Delivery.State.
enum class DeliveryState {
  kPending = 1,
  // The target has taken it: one Alertmanager at least, or the webhook.
  kDelivered = 2,
  // Alertmanager has told a receiver.
  kNotified = 3,
  // Given up; stays until somebody has it sent again.
  kDead = 4,
  // Alertmanager has told of a later change of the same alert first.
  kSuperseded = 5,
};

// UPPER_SNAKE_CASE, as callers see it.
const char* DeliveryStateName(DeliveryState state);

// That one member of the target has taken a delivery.
struct Acceptance {
  std::string replica;
  absl::Time time;

  friend bool operator==(const Acceptance&, const Acceptance&) = default;
};

struct Delivery {
  // Of the change that it tells of; with the target it is the delivery's identity.
  int64_t sequence = 0;
  std::string target;
  std::string alert_id = {};
  DeliveryState state = DeliveryState::kPending;
  int attempts = 0;
  // When the change happened.
  absl::Time create_time = {};
  // While pending: not before.
  absl::Time next_attempt = {};
  std::string last_error = {};
  std::optional<absl::Time> delivered_time = std::nullopt;
  std::optional<absl::Time> notified_time = std::nullopt;
  std::vector<Acceptance> accepted_by = {};

  friend bool operator==(const Delivery&, const Delivery&) = default;
};

// Who is told, and of what.
struct DeliveryTarget {
  std::string name;
  // Nothing less urgent is told.
  Severity least_severity = Severity::kUnspecified;
  // Is told of what this principal may see; empty: of what everybody may.
  std::string principal = {};
};

// One pending delivery for each entry that notifies and each target that wants it and may have it. A target that was
// told of a beginning is told of the end, whatever has become of the severity.
std::vector<Delivery> DeliveriesOf(const std::vector<TimelineEntry>& entries,
                                   const std::vector<DeliveryTarget>& targets);

}  // namespace orewatch::alerting
