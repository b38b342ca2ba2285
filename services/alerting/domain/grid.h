// The fixed grid of time on which rules that ask for a duration are evaluated.
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace orewatch::alerting {

inline constexpr int64_t kTickSeconds = 60;
inline constexpr absl::Duration kTick = absl::Seconds(kTickSeconds);

// Number of the last tick at or before a time; tick 0 is the Unix epoch.
inline int64_t TickAt(absl::Time time) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  return seconds / kTickSeconds - (seconds % kTickSeconds < 0 ? 1 : 0);
}

// A duration in ticks, rounded up.
inline int64_t TicksOf(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  const bool begun = seconds % kTickSeconds > 0 || duration > absl::Seconds(seconds);
  return seconds / kTickSeconds + (begun ? 1 : 0);
}

inline absl::Time TimeOf(int64_t tick) { return absl::FromUnixSeconds(tick * kTickSeconds); }

// Number of the first tick at or after a time.
inline int64_t TickFrom(absl::Time time) {
  const int64_t tick = TickAt(time);
  return TimeOf(tick) < time ? tick + 1 : tick;
}

}  // namespace orewatch::alerting
