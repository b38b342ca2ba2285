// Which calls are refused first when there are too many.
#pragma once

#include <cstddef>

#include "absl/time/time.h"
#include "orewatch/access/v1/access.pb.h"

namespace orewatch::rpc {

// What may be refused: acknowledge, read and batch, in this order. Health checks are not.
inline constexpr size_t kPriorities = 3;

// Its place in that order, from 0.
size_t RankOf(access::v1::Priority priority);
// `acknowledge`, `read`, `batch`.
const char* NameOfRank(size_t rank);

// How much of a limit may be in use when a call is let in: all, nine tenths, half, and at least one place.
size_t PlacesFor(access::v1::Priority priority, size_t limit);
// How long it may wait in a queue before those that come after it are refused. Those that come first are not.
absl::Duration LongestWait(access::v1::Priority priority, absl::Duration target);

// When a refused caller should come back: later, the more of the limit is in use.
absl::Duration RetryAfter(size_t used, size_t limit);

}  // namespace orewatch::rpc
