#include "services/gateway/client/backend.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/gateway/client/neighbour_errors.h"

namespace orewatch::gateway {

std::string KeyOf(const rpc::Caller& caller) {
  // The length keeps a principal from running into what follows it.
  return absl::StrCat(static_cast<int>(caller.role), "\n", caller.principal.size(), "\n", caller.principal);
}

std::string KeyOf(const Question& question) {
  return absl::StrCat(question.method, "\n", KeyOf(question.caller), question.encoded);
}

bool IsOutage(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return ErrorReason(status) != "REVISION_NOT_REACHED";
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

bool IsUnanswered(const absl::Status& status) {
  return IsOutage(status) || absl::IsResourceExhausted(status) || absl::IsCancelled(status) || absl::IsAborted(status);
}

bool IsRefusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kInvalidArgument:
      return true;
    default:
      return false;
  }
}

bool MayRepeat(const absl::Status& status) {
  const std::string reason = ErrorReason(status);
  return absl::IsUnavailable(status) && IsOutage(status) && reason != kCircuitOpen && reason != kGatewayNotAuthorized;
}

}  // namespace orewatch::gateway
