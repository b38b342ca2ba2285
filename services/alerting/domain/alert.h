// Alerts: one rule and one subject, and what people did about them. timeline.h has what happened to them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "services/alerting/domain/rule.h"
#include "services/alerting/domain/score.h"
#include "services/alerting/domain/visibility.h"

namespace orewatch::alerting {

// The numbers are those of orewatch.alerting.v1.AlertState.
enum class AlertState { kInactive = 1, kPending = 2, kFiring = 3, kResolved = 4 };

// Why something happened to an alert. Stored by number: add at the end.
enum class Reason {
  // What happened speaks for itself.
  kNone = 0,
  kConditionMet = 1,
  kConditionCleared = 2,
  // The condition has held for as long as the rule asks.
  kHeld = 3,
  kRuleDeleted = 4,
  kRuleChanged = 5,
  kSubjectRemoved = 6,
  kRuleDisabled = 20,
  // Somebody did it.
  kManual = 21,
  // Another alert has taken its place.
  kSuperseded = 22,
  // Its time has come.
  kExpired = 23,
  kSeverityRose = 24,
};

// UPPER_SNAKE_CASE, as callers see it; empty for kNone.
const char* ReasonName(Reason reason);

struct AlertKey {
  std::string rule;
  ScoreKey score;

  friend auto operator<=>(const AlertKey&, const AlertKey&) = default;
};

// Somebody has seen an alert and works on it.
struct Acknowledgement {
  std::string principal;
  absl::Time time;
  std::string comment;
  absl::Time expire_time;
  // Unset once the reminder has been given.
  std::optional<absl::Time> remind_time = std::nullopt;

  friend bool operator==(const Acknowledgement&, const Acknowledgement&) = default;
};

// Nobody wants to hear of an alert until a time.
struct Snooze {
  std::string principal;
  absl::Time time;
  std::string comment;
  absl::Time expire_time;

  friend bool operator==(const Snooze&, const Snooze&) = default;
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
  // Of the last entry of its timeline; unique among alerts.
  int64_t sequence = 0;
  // While pending: the first tick of the window, moved on by each tick that had no value ...
  int64_t window_start = 0;
  // ... and the last tick that has been looked at.
  int64_t window_end = 0;
  std::optional<Acknowledgement> acknowledgement = std::nullopt;
  std::optional<Snooze> snooze = std::nullopt;
  // Empty: nobody's.
  std::string assignee = {};
  // Resolved by hand while the condition held: not raised again before the condition has cleared.
  bool resolved_by_hand = false;
  // kNone unless resolved.
  Reason resolve_reason = Reason::kNone;
  // That of the rule, kept when the rule is gone.
  Visibility visibility = {};
  // That of the subject, of which an alert says more than its name.
  Visibility subject_visibility = {};

  // Pending or firing: something that a change of the rule or the subject can end.
  bool Live() const { return state == AlertState::kPending || state == AlertState::kFiring; }
  // Whoever may read the rule and the subject.
  bool VisibleTo(absl::string_view principal) const {
    return visibility.Admits(principal) && subject_visibility.Admits(principal);
  }
  // Derived from the key, so that a replay, a restart and another program give the same:
  // `{rule}-{first 32 hex digits of SHA-256 of "rules/{rule}\n{subject}\n{condition key}"}`, where the condition key of
  // a score is "score/{number of the method}/{number of the stage}/{importer}". Severity, score and labels are no part
  // of it.
  std::string Id() const;

  friend bool operator==(const Alert&, const Alert&) = default;
};

// Changes with every entry of the alert's timeline.
std::string EtagOf(const Alert& alert);

}  // namespace orewatch::alerting
