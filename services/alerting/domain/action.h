// What people do with an alert.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "services/alerting/domain/alert.h"
#include "services/alerting/domain/timeline.h"

namespace orewatch::alerting {

// How long an acknowledgement holds where nobody said how long.
struct AcknowledgementPolicy {
  absl::Duration critical = absl::Hours(24);
  absl::Duration warning = absl::Hours(24);
  absl::Duration info = absl::Hours(24);

  absl::Duration Of(Severity severity) const;
};

struct Action {
  enum class Kind { kAcknowledge, kUnacknowledge, kSnooze, kComment, kAssign, kResolve };

  Kind kind = Kind::kComment;
  // Who does it.
  std::string principal;
  // What is said, or to whom the alert is given.
  std::string text;
  // Of an acknowledgement (unset: as the policy says) or a snooze.
  std::optional<absl::Time> expire_time = std::nullopt;
  // Of an acknowledgement; unset: an hour before it expires, or a quarter of its time if that is shorter.
  std::optional<absl::Time> remind_time = std::nullopt;
  AcknowledgementPolicy policy = {};
};

// Why an alert does not allow an action.
enum class Refusal { kNotLive, kNotAcknowledged, kNotSnoozed };

// Nothing: it may be done now.
std::optional<Refusal> RefusalOf(const Action& action, absl::Time now, const Alert& alert);

// What the timeline says of an action.
struct Done {
  EntryKind kind;
  Reason reason;
};

// Does what is not refused.
Done Act(const Action& action, absl::Time now, Alert& alert);

}  // namespace orewatch::alerting
