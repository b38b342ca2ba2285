// Alerts: one rule and one subject, and the timeline of what happened to them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/rule.h"
#include "services/alerting/domain/score.h"

namespace orewatch::alerting {

// The numbers are those of orewatch.alerting.v1.AlertState.
enum class AlertState { kInactive = 1, kPending = 2, kFiring = 3, kResolved = 4 };

// Why an alert changed its state. Stored by number: add at the end.
enum class Reason {
  kConditionMet = 1,
  kConditionCleared = 2,
  // The condition has held for as long as the rule asks.
  kHeld = 3,
  kRuleDeleted = 4,
  kRuleChanged = 5,
  kSubjectRemoved = 6,
  // The score has nothing to judge, and the rule's policy decides what follows.
  kNoData = 7,
  // More of a rule's alerts would fire than may, or nothing comes from risk: of the rule itself.
  kTooManyAlerts = 8,
  kInputSilent = 9,
  // From here on: entries of the timeline that leave the state alone.
  kSeverityRaised = 10,
  kSeverityLowered = 11,
  kFlappingBegan = 12,
  kFlappingEnded = 13,
  kStaleInputBegan = 14,
  kStaleInputEnded = 15,
  // What kept an alert quiet is over, and it is still firing.
  kUnmuted = 16,
  // Many alerts are told as one.
  kDigest = 17,
};

// UPPER_SNAKE_CASE, as callers see it.
const char* ReasonName(Reason reason);

struct AlertKey {
  std::string rule;
  ScoreKey score;

  friend auto operator<=>(const AlertKey&, const AlertKey&) = default;
};

struct Alert {
  // The empty score: of the rule itself, such as that too many of its alerts would fire.
  AlertKey key;
  AlertState state = AlertState::kInactive;
  Severity severity = Severity::kUnspecified;
  // The last value seen while a rule looked; unset: the score had none, or was never seen.
  std::optional<double> value = std::nullopt;
  Certainty certainty = {};
  std::optional<absl::Time> pending_time = std::nullopt;
  std::optional<absl::Time> fire_time = std::nullopt;
  std::optional<absl::Time> resolve_time = std::nullopt;
  // Of the last change of state; unique among alerts.
  int64_t sequence = 0;
  // While pending: the first tick of the window, moved on by each tick that had no value ...
  int64_t window_start = 0;
  // ... and the last tick that has been looked at.
  int64_t window_end = 0;
  // Of an m of n: bit i says whether the condition was met at the tick i ticks before window_end.
  uint64_t met_ticks = 0;
  // While firing and kept so: the first tick at which it had cleared (0: it has not), moved on by ticks without a
  // value.
  int64_t clear_start = 0;
  // The last tick that has been looked at since.
  int64_t clear_end = 0;
  // Would fire, were there room among the alerts of its rule.
  bool held_back = false;

  // The score has nothing to judge.
  bool missing_input = false;
  // Nothing comes from risk; everything here is as it was.
  bool stale_input = false;
  // Why the condition could not be evaluated; empty: it could.
  std::string error = {};
  // Of the score's last change; 0: not known.
  int cause = 0;
  // Alpha-2; empty: none.
  std::string top_country = {};

  // When it fired or resolved by its condition, as far back as that matters for flapping; oldest first.
  std::vector<absl::Time> flips = {};
  bool flapping = false;
  // The firing alert that mutes this one.
  std::optional<AlertKey> inhibited_by = std::nullopt;
  // While the score is new; unset: it is not, or that does not matter.
  std::optional<absl::Time> quiet_until = std::nullopt;
  // Somebody has been told that it fires, and nobody yet that it does not.
  bool announced = false;

  // Says nothing while it fires.
  bool Muted() const { return flapping || inhibited_by.has_value() || quiet_until.has_value(); }
  bool OfRule() const { return key.score == ScoreKey(); }
  // Pending or firing: something that a change of the rule or the subject can end.
  bool Live() const { return state == AlertState::kPending || state == AlertState::kFiring; }
  // Derived from the key, so that a replay gives the same: `{rule}-{16 hex digits}`.
  std::string Id() const;

  friend bool operator==(const Alert&, const Alert&) = default;
};

// An entry of the timeline: a change of state or severity, or of what is told. Never altered once stored.
struct Transition {
  AlertState from = AlertState::kInactive;
  Reason reason = Reason::kConditionMet;
  absl::Time time;
  // What the registry had become when it happened.
  Revision revision;
  // The alert as the transition left it; its sequence is the transition's.
  Alert after;
  // Somebody is to be told. Not of what is muted, pending, or told by a digest.
  bool notifies = false;
  // The sequence of the kDigest entry that tells this one along with others; 0: none does.
  int64_t digest_of = 0;
  // Of a kDigest entry: how many it tells.
  int64_t digest_size = 0;

  bool ChangesState() const { return from != after.state; }

  friend bool operator==(const Transition&, const Transition&) = default;
};

}  // namespace orewatch::alerting
