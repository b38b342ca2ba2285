// Alerts: one rule and one subject, and what people did about them. timeline.h has what happened to them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/fact.h"
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
  // The score has nothing to judge, and the rule's policy decides what follows.
  kNoData = 7,
  // More of a rule's alerts would fire than may, or nothing comes in: of the rule itself.
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
  // From here on any.
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
  // Of an alert about something in the registry that is no score: the subject alone.
  ScoreKey score;
  // Of an alert about a happening: which one of the thing's; see ConditionKeyOf.
  std::string happening = {};

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

// What receivers were told last of an alert: that it fires, is worse, or is over. Not that somebody reminds of it.
struct Told {
  // Of the entry.
  int64_t sequence = 0;
  absl::Time time;
  // The worst that they were told since they heard that the alert fires.
  Severity worst = Severity::kUnspecified;

  friend bool operator==(const Told&, const Told&) = default;
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
  // Of the last entry of its timeline; unique among alerts.
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
  // Nothing comes from risk, or from the registry; everything here is as it was.
  bool stale_input = false;
  // Why the condition could not be evaluated; empty: it could.
  std::string error = {};
  // Of the score's last change; 0: not known.
  int cause = 0;
  // Alpha-2; empty: none.
  std::string top_country = {};
  // What met a condition on what happens in the registry; unset: none did.
  std::optional<Happened> happened = std::nullopt;

  // When it fired or resolved by its condition, as far back as that matters for flapping; oldest first.
  std::vector<absl::Time> flips = {};
  bool flapping = false;
  // The firing alert that mutes this one.
  std::optional<AlertKey> inhibited_by = std::nullopt;
  // While the score is new; unset: it is not, or that does not matter.
  std::optional<absl::Time> quiet_until = std::nullopt;
  // Somebody has been told that it fires, and nobody yet that it does not.
  bool announced = false;
  // What was told last, of whichever of its firings.
  std::optional<Told> told = std::nullopt;

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

  // Somebody acknowledged or snoozed it.
  bool Attended() const { return acknowledgement.has_value() || snooze.has_value(); }
  // Says nothing while it fires.
  bool Muted() const { return Attended() || flapping || inhibited_by.has_value() || quiet_until.has_value(); }
  // Some who may read the rule may not know of the subject.
  bool Restricted() const { return !subject_visibility.AdmitsAllOf(visibility); }
  bool OfRule() const { return key.score == ScoreKey(); }
  // Pending or firing: something that a change of the rule or the subject can end.
  bool Live() const { return state == AlertState::kPending || state == AlertState::kFiring; }
  // Whoever may read the rule and the subject.
  bool VisibleTo(absl::string_view principal) const {
    return visibility.Admits(principal) && subject_visibility.Admits(principal);
  }
  // Derived from the key, so that a replay, a restart and another program give the same:
  // `{rule}-{first 32 hex digits of SHA-256 of "rules/{rule}\n{subject}\n{condition key}"}`, where the condition key of
  // a score is "score/{number of the method}/{number of the stage}/{importer}", of a happening
  // "happening/{number of the state}/{what it is about}" (of a change, followed by "/{its time in Unix microseconds}"),
  // and of a combination "subject".
  // Severity, score and labels are no part of it.
  std::string Id() const;

  friend bool operator==(const Alert&, const Alert&) = default;
};

// Changes with every entry of the alert's timeline.
std::string EtagOf(const Alert& alert);

}  // namespace orewatch::alerting
