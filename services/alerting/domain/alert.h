// Alerts: one rule and one subject, and the timeline of what happened to them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

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
};

// UPPER_SNAKE_CASE, as callers see it.
const char* ReasonName(Reason reason);

struct AlertKey {
  std::string rule;
  ScoreKey score;

  friend auto operator<=>(const AlertKey&, const AlertKey&) = default;
};

struct Alert {
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

  // Pending or firing: something that a change of the rule or the subject can end.
  bool Live() const { return state == AlertState::kPending || state == AlertState::kFiring; }
  // Derived from the key, so that a replay gives the same: `{rule}-{16 hex digits}`.
  std::string Id() const;

  friend bool operator==(const Alert&, const Alert&) = default;
};

// A change of state. Never altered once stored.
struct Transition {
  AlertState from = AlertState::kInactive;
  Reason reason = Reason::kConditionMet;
  absl::Time time;
  // What the registry had become when it happened.
  Revision revision;
  // The alert as the transition left it; its sequence is the transition's.
  Alert after;

  friend bool operator==(const Transition&, const Transition&) = default;
};

}  // namespace orewatch::alerting
