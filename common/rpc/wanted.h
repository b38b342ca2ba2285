// Whether a call is still worth working for.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/service.h"

namespace orewatch::rpc {

// What the objectives promise of reads: who gives less has only themselves to blame.
inline constexpr absl::Duration kFairTime = absl::Milliseconds(250);

// DEADLINE_EXCEEDED or CANCELLED if nobody waits for the answer any more.
absl::Status StillWanted(absl::Time deadline, bool cancelled);
inline absl::Status StillWanted(const CallContext& context) {
  return StillWanted(context.deadline(), context.cancelled());
}

}  // namespace orewatch::rpc
