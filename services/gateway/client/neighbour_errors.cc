#include "services/gateway/client/neighbour_errors.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace orewatch::gateway {
namespace {

constexpr absl::Duration kQuiet = absl::Seconds(10);

// It knows the gateway, and the caller may not.
bool IsOfTheCaller(const absl::Status& status) {
  const std::string reason = ErrorReason(status);
  return reason == "ROLE_MISSING" || reason == "OUT_OF_SCOPE";
}

}  // namespace

absl::Status NeighbourErrors::ToCaller(const absl::Status& status) const {
  if (absl::IsUnauthenticated(status) || (absl::IsPermissionDenied(status) && !IsOfTheCaller(status))) {
    return Refused(status);
  }
  if (!ErrorReason(status).empty()) {
    return status;
  }
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return OfTransport(status, "NEIGHBOUR_UNREACHABLE", "cannot be reached");
    case absl::StatusCode::kDeadlineExceeded:
      return OfTransport(status, "NEIGHBOUR_TOO_SLOW", "did not answer in time");
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return OfTransport(status, "NEIGHBOUR_FAILED", "failed");
    default:
      return status;
  }
}

bool NeighbourErrors::IsTime(std::atomic<int64_t>& next) const {
  const absl::Time now = clock_.Now();
  int64_t due = next.load();
  // Of those that come at the same time one wins.
  return absl::ToUnixNanos(now) >= due && next.compare_exchange_strong(due, absl::ToUnixNanos(now + kQuiet));
}

absl::Status NeighbourErrors::Refused(const absl::Status& status) const {
  if (IsTime(next_refused_)) {
    log::Error("a service does not let the gateway in", {{"service", neighbour_}, {"error", status.ToString()}});
  }
  return MakeError(absl::StatusCode::kUnavailable, kGatewayNotAuthorized,
                   absl::StrCat("the service ", neighbour_, " does not let the gateway in"));
}

absl::Status NeighbourErrors::OfTransport(const absl::Status& status, const char* reason, const char* what) const {
  if (IsTime(next_of_transport_)) {
    log::Warning("a service could not be asked", {{"service", neighbour_}, {"error", status.ToString()}});
  }
  return MakeError(status.code(), reason, absl::StrCat("the service ", neighbour_, " ", what));
}

}  // namespace orewatch::gateway
