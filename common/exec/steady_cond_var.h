// absl's timed waits are by the wall's clock: where that is set back they last as much longer. This one's are not.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace orewatch {

// A condition variable of absl::Mutex. Thread-safe.
class SteadyCondVar {
 public:
  // Releases the mutex, waits for a signal that comes from now on, and takes it again. As of any condition variable, it
  // may return without a signal and before the time has passed.
  void WaitFor(absl::Mutex& mutex, absl::Duration timeout) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  // With or without the mutex, after what is waited for has come true.
  void SignalAll();

 private:
  std::mutex mutex_;
  std::condition_variable signalled_;
  uint64_t signals_ = 0;
};

}  // namespace orewatch
