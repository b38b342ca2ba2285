// Pauses between attempts.
#pragma once

#include <algorithm>
#include <random>

#include "absl/time/time.h"

namespace orewatch::alerting {

struct BackoffPolicy {
  absl::Duration first = absl::Seconds(1);
  absl::Duration longest = absl::Minutes(5);
};

// Full jitter: anything from nothing up to what doubles with each attempt, so that many who failed together do not come
// back together. `attempts` is how many have failed, 1 at least.
inline absl::Duration PauseAfter(int attempts, const BackoffPolicy& policy, std::mt19937_64& random) {
  constexpr int kMostDoublings = 30;
  const absl::Duration most =
      std::min(policy.longest, policy.first * (int64_t{1} << std::clamp(attempts - 1, 0, kMostDoublings)));
  return std::uniform_real_distribution<double>(0, 1)(random) * most;
}

}  // namespace orewatch::alerting
