#include "common/rpc/call_log.h"

namespace orewatch::rpc {
namespace {

log::Level LevelOf(absl::StatusCode code, absl::string_view reason) {
  switch (code) {
    case absl::StatusCode::kDeadlineExceeded:
      return reason == kDeadlineTooShortReason ? log::Level::kDebug : log::Level::kWarning;
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
      return log::Level::kWarning;
    case absl::StatusCode::kUnavailable:
      // Each stream of a process that goes away ends like the first; the other asks for what is still to come.
      return reason == kServerDraining || reason == kRevisionNotReached ? log::Level::kDebug : log::Level::kWarning;
    case absl::StatusCode::kResourceExhausted:
      if (reason == kRateLimited) {
        return log::Level::kInfo;
      }
      return reason == kResponseTooLarge ? log::Level::kDebug : log::Level::kWarning;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return log::Level::kInfo;
    default:
      return log::Level::kDebug;
  }
}

}  // namespace

absl::optional<CallLog> ParseCallLog(absl::string_view text) {
  if (text == "none") {
    return CallLog::kNone;
  }
  if (text == "faults") {
    return CallLog::kFaults;
  }
  return text == "all" ? absl::make_optional(CallLog::kAll) : absl::nullopt;
}

absl::optional<log::Level> LevelOf(absl::StatusCode code, absl::string_view reason, CallLog which) {
  if (which == CallLog::kNone) {
    return absl::nullopt;
  }
  const log::Level level = LevelOf(code, reason);
  return which == CallLog::kAll && level == log::Level::kDebug ? log::Level::kInfo : level;
}

}  // namespace orewatch::rpc
