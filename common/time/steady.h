// Time by a clock that nobody sets, for deadlines, waits and how long things took: the wall's when the process started,
// and from then on what has passed since. Moments of it are compared with one another alone, and neither shown nor
// kept.
#pragma once

#include "absl/time/time.h"
#include "common/time/clock.h"

namespace orewatch {

absl::Time SteadyNow();

class SteadyClock final : public Clock {
 public:
  absl::Time Now() const override { return SteadyNow(); }
  absl::Time OnTheWall(absl::Time moment) const override { return absl::Now() - (SteadyNow() - moment); }
};

}  // namespace orewatch
