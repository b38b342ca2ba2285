#include "services/risk/store/score_history.h"

#include "common/status/status.h"

namespace orewatch::risk {

absl::Status LeaseLost() {
  return MakeError(absl::StatusCode::kFailedPrecondition, "LEASE_LOST", "another replica appends to the history now");
}

}  // namespace orewatch::risk
