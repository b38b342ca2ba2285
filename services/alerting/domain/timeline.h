// What happened to alerts: an append-only timeline over all of them.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "services/alerting/domain/alert.h"
#include "services/alerting/domain/score.h"

namespace orewatch::alerting {

// The numbers are those of orewatch.alerting.v1.AlertEvent.Kind. Stored by number.
enum class EntryKind {
  kStateChanged = 1,
  kSeverityChanged = 2,
  kAcknowledged = 3,
  kUnacknowledged = 4,
  kAcknowledgementEnded = 5,
  kReminded = 6,
  kSnoozed = 7,
  kSnoozeEnded = 8,
  kCommented = 9,
  kAssigned = 10,
  kFlappingBegan = 11,
  kFlappingEnded = 12,
  kStaleInputBegan = 13,
  kStaleInputEnded = 14,
  kNotified = 15,
};

// lower_snake_case, as it stands in logs and labels.
const char* KindName(EntryKind kind);

// Never altered once stored.
struct TimelineEntry {
  // The state before; that of `after` unless the state changed.
  AlertState from = AlertState::kInactive;
  Reason reason = Reason::kConditionMet;
  absl::Time time;
  // What the registry had become when it happened.
  Revision revision;
  // The alert as the entry left it; its sequence is the entry's.
  Alert after;
  EntryKind kind = EntryKind::kStateChanged;
  // Who did it; empty: the service.
  std::string principal = {};
  // What was said, or to whom the alert was given.
  std::string text = {};

  friend bool operator==(const TimelineEntry&, const TimelineEntry&) = default;
};

// An entry that changes the state.
using Transition = TimelineEntry;

// Whether receivers are to be told of an entry. A muted alert is not spoken of, save that it has ended; what ends the
// muting is told, as long as the alert fires.
bool Notifies(const TimelineEntry& entry);

}  // namespace orewatch::alerting
