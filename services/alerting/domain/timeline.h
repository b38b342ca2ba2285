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
  // What kept an alert quiet is over, and it is still firing.
  kUnmuted = 16,
  // Many entries are told as one.
  kDigest = 17,
};

// Of an entry that says with its reason what happened.
EntryKind KindOf(Reason reason);

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
  // Somebody is to be told. Not of what is muted, pending, or told by a digest.
  bool notifies = false;
  // The sequence of the kDigest entry that tells this one along with others; 0: none does.
  int64_t digest_of = 0;
  // Of a kDigest entry: how many it tells.
  int64_t digest_size = 0;

  bool ChangesState() const { return from != after.state; }

  friend bool operator==(const TimelineEntry&, const TimelineEntry&) = default;
};

using Transition = TimelineEntry;

}  // namespace orewatch::alerting
