// How a thread waits for its next turn, and is told that there will be none.
#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/exec/steady_cond_var.h"

namespace orewatch {

// For one thread that sleeps; thread-safe.
class Sleeper {
 public:
  // For so long, or until Wake; at once if Wake was called since it last slept. False, also at once: Stop was called.
  bool SleepFor(absl::Duration duration);
  // As long, whoever wakes it.
  bool SleepThrough(absl::Duration duration);
  void Wake();
  void Stop();
  bool stopped() const;

 private:
  bool Sleep(absl::Duration duration, bool lightly);

  mutable absl::Mutex mutex_;
  SteadyCondVar changed_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace orewatch
