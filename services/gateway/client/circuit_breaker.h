// Leaves a neighbour alone while it fails.
#pragma once

#include <array>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace orewatch::gateway {

// Thread-safe; its memory is fixed. Closed, it lets every call pass, and opens when at least `failure_share` of at
// least `least_calls` calls within `window` failed. Open, it lets none pass until a pause is over, which doubles each
// time; then it is half open: one call at a time passes, and decides.
class CircuitBreaker {
 public:
  struct Policy {
    absl::Duration window = absl::Seconds(10);
    int least_calls = 5;
    double failure_share = 0.5;
    absl::Duration first_pause = absl::Seconds(1);
    absl::Duration longest_pause = absl::Seconds(30);
  };
  enum class State { kClosed = 0, kHalfOpen = 1, kOpen = 2 };
  enum class Verdict { kPass, kProbe, kRefuse };
  // What became of a call that passed.
  enum class Outcome { kSuccess, kFailure, kNeither };

  explicit CircuitBreaker(const Policy& policy) : policy_(policy) {}

  Verdict Admit(absl::Time now);
  // Of every call that was not refused, with its verdict. True if that opened the breaker.
  bool Report(Verdict verdict, Outcome outcome, absl::Time now);
  State state() const;
  // How long it will refuse at least; 0 if it does not.
  absl::Duration PauseLeft(absl::Time now) const;

 private:
  static constexpr size_t kSlots = 10;
  struct Slot {
    int64_t number = -1;
    int calls = 0;
    int failures = 0;
  };

  Slot& SlotAt(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool TooManyFailed(absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int64_t NumberAt(absl::Time now) const;
  void Open(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool ReportProbe(Outcome outcome, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Policy policy_;
  mutable absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kClosed;
  bool probing_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration pause_ ABSL_GUARDED_BY(mutex_);
  absl::Time open_until_ ABSL_GUARDED_BY(mutex_);
  std::array<Slot, kSlots> slots_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch::gateway
