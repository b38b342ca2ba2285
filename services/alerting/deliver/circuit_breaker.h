// Leaves a server alone that has failed often in a row.
#pragma once

#include <random>

#include "absl/time/time.h"
#include "services/alerting/deliver/backoff.h"

namespace orewatch::alerting {

// Thread-compatible. Closed, it lets every call pass; open, none until a pause has passed, and then one, which decides.
class CircuitBreaker {
 public:
  struct Policy {
    int failures = 5;
    BackoffPolicy pause = {.first = absl::Seconds(30), .longest = absl::Minutes(10)};
  };
  explicit CircuitBreaker(Policy policy) : policy_(policy) {}

  bool Allows(absl::Time now) const { return now >= open_until_; }
  bool open(absl::Time now) const { return !Allows(now); }
  absl::Time open_until() const { return open_until_; }

  void Succeeded() {
    failures_ = 0;
    open_until_ = absl::InfinitePast();
  }
  void Failed(absl::Time now, std::mt19937_64& random) {
    if (++failures_ < policy_.failures) {
      return;
    }
    // At least half of the pause, lest it be none.
    const BackoffPolicy half{.first = policy_.pause.first / 2, .longest = policy_.pause.longest / 2};
    const int opened = failures_ - policy_.failures + 1;
    open_until_ = now + std::min(half.longest, half.first * (int64_t{1} << std::min(opened - 1, 20))) +
                  PauseAfter(opened, half, random);
  }

 private:
  const Policy policy_;
  int failures_ = 0;
  absl::Time open_until_ = absl::InfinitePast();
};

}  // namespace orewatch::alerting
