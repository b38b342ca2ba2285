#include "common/rpc/wanted.h"

#include "common/status/status.h"
#include "common/time/steady.h"

namespace orewatch::rpc {

absl::Status StillWanted(absl::Time deadline, bool cancelled) {
  if (deadline <= SteadyNow()) {
    return MakeError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", "the caller's deadline has passed");
  }
  return cancelled ? MakeError(absl::StatusCode::kCancelled, "CANCELLED", "the caller has gone away")
                   : absl::OkStatus();
}

}  // namespace orewatch::rpc
