#include "services/alerting/domain/action.h"

#include <algorithm>

#include "services/alerting/domain/state_machine.h"

namespace orewatch::alerting {
namespace {

// How long before its end an acknowledgement is brought to mind.
absl::Duration NoticeOf(absl::Duration length) {
  constexpr int kShareOfAll = 4;
  return std::min(absl::Hours(1), length / kShareOfAll);
}

Acknowledgement Acknowledge(const Action& action, absl::Time now, Severity severity) {
  const absl::Time end = action.expire_time.value_or(now + action.policy.Of(severity));
  return {.principal = action.principal,
          .time = now,
          .comment = action.text,
          .expire_time = end,
          .remind_time = action.remind_time.value_or(end - NoticeOf(end - now))};
}

bool EndsSnooze(const Action& action, absl::Time now) { return action.expire_time.value_or(now) <= now; }

Done ActSnooze(const Action& action, absl::Time now, Alert& alert) {
  if (EndsSnooze(action, now)) {
    alert.snooze.reset();
    return {EntryKind::kSnoozeEnded, Reason::kManual};
  }
  alert.snooze = {
      .principal = action.principal, .time = now, .comment = action.text, .expire_time = *action.expire_time};
  return {EntryKind::kSnoozed, Reason::kManual};
}

}  // namespace

absl::Duration AcknowledgementPolicy::Of(Severity severity) const {
  switch (severity) {
    case Severity::kCritical:
      return critical;
    case Severity::kWarning:
      return warning;
    case Severity::kInfo:
    case Severity::kUnspecified:
      return info;
  }
  return info;
}

std::optional<Refusal> RefusalOf(const Action& action, absl::Time now, const Alert& alert) {
  switch (action.kind) {
    case Action::Kind::kSnooze:
      if (EndsSnooze(action, now)) {
        return alert.snooze.has_value() ? std::nullopt : std::optional(Refusal::kNotSnoozed);
      }
      [[fallthrough]];
    case Action::Kind::kAcknowledge:
    case Action::Kind::kResolve:
      return alert.Live() ? std::nullopt : std::optional(Refusal::kNotLive);
    case Action::Kind::kUnacknowledge:
      return alert.acknowledgement.has_value() ? std::nullopt : std::optional(Refusal::kNotAcknowledged);
    case Action::Kind::kComment:
    case Action::Kind::kAssign:
      return std::nullopt;
  }
  return std::nullopt;
}

Done Act(const Action& action, absl::Time now, Alert& alert) {
  switch (action.kind) {
    case Action::Kind::kAcknowledge:
      alert.acknowledgement = Acknowledge(action, now, alert.severity);
      return {EntryKind::kAcknowledged, Reason::kManual};
    case Action::Kind::kUnacknowledge:
      alert.acknowledgement.reset();
      return {EntryKind::kUnacknowledged, Reason::kManual};
    case Action::Kind::kSnooze:
      return ActSnooze(action, now, alert);
    case Action::Kind::kComment:
      return {EntryKind::kCommented, Reason::kNone};
    case Action::Kind::kAssign:
      alert.assignee = action.text;
      return {EntryKind::kAssigned, Reason::kNone};
    case Action::Kind::kResolve:
      End(alert);
      alert.resolved_by_hand = true;
      return {EntryKind::kStateChanged, Reason::kManual};
  }
  return {EntryKind::kCommented, Reason::kNone};
}

}  // namespace orewatch::alerting
