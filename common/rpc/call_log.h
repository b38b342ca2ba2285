// Which ended calls are worth a line, and how loud it is.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "common/log/log.h"

namespace orewatch::rpc {

inline constexpr char kRateLimited[] = "RATE_LIMITED";
inline constexpr char kResponseTooLarge[] = "RESPONSE_TOO_LARGE";
inline constexpr char kServerDraining[] = "DRAINING";
inline constexpr char kRevisionNotReached[] = "REVISION_NOT_REACHED";
inline constexpr char kDeadlineTooShortReason[] = "DEADLINE_TOO_SHORT";

enum class CallLog {
  kNone,
  // What failed by our own fault, and what was refused; the rest at the level debug.
  kFaults,
  kAll,
};

// `none`, `faults` or `all`.
absl::optional<CallLog> ParseCallLog(absl::string_view text);

// Warning for our own faults, info for what is denied, debug (with kAll: info) for the rest; nothing: no line.
absl::optional<log::Level> LevelOf(absl::StatusCode code, absl::string_view reason, CallLog which);

}  // namespace orewatch::rpc
