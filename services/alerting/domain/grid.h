// The fixed grid of time on which rules that ask for a duration are evaluated.
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace orewatch::alerting {

inline constexpr absl::Duration kTick = absl::Minutes(1);

// Number of the last tick at or before a time; tick 0 is the Unix epoch.
inline int64_t TickAt(absl::Time time) { return absl::ToInt64Minutes(absl::Floor(time - absl::UnixEpoch(), kTick)); }

// Number of the first tick at or after a time.
inline int64_t TickFrom(absl::Time time) { return absl::ToInt64Minutes(absl::Ceil(time - absl::UnixEpoch(), kTick)); }

// A duration in ticks, rounded up.
inline int64_t TicksOf(absl::Duration duration) { return absl::ToInt64Minutes(absl::Ceil(duration, kTick)); }

inline absl::Time TimeOf(int64_t tick) { return absl::UnixEpoch() + tick * kTick; }

}  // namespace orewatch::alerting
