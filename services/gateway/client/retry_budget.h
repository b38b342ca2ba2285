// How many retries the calls so far have earned.
#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace orewatch::gateway {

// Thread-safe. Each call earns a share of a retry, and so many are kept at most: retries never exceed that share of the
// calls, so that they cannot bury a neighbour that is already in trouble.
class RetryBudget {
 public:
  static constexpr double kShare = 0.2;
  static constexpr double kMost = 20;

  void Earn() {
    absl::MutexLock lock(&mutex_);
    earned_ = earned_ + kShare > kMost ? kMost : earned_ + kShare;
  }
  // What is left of the most that is kept.
  double ratio() const {
    absl::MutexLock lock(&mutex_);
    return earned_ / kMost;
  }
  // False if none is left.
  bool Spend() {
    // Five times a fifth is a little less than one.
    constexpr double kOne = 1 - 1e-9;
    absl::MutexLock lock(&mutex_);
    if (earned_ < kOne) {
      return false;
    }
    earned_ -= 1;
    return true;
  }

 private:
  mutable absl::Mutex mutex_;
  double earned_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace orewatch::gateway
