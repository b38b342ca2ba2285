#include "common/exec/steady_cond_var.h"

#include <algorithm>
#include <chrono>

namespace orewatch {

void SteadyCondVar::WaitFor(absl::Mutex& mutex, absl::Duration timeout) {
  // What never ends cannot be told to the library.
  constexpr absl::Duration kLongest = absl::Hours(1);
  {
    std::unique_lock<std::mutex> lock(mutex_);
    const uint64_t before = signals_;
    mutex.Unlock();
    signalled_.wait_until(lock,
                          std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(std::min(timeout, kLongest)),
                          [&] { return signals_ != before; });
  }
  mutex.Lock();
}

void SteadyCondVar::SignalAll() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++signals_;
  }
  signalled_.notify_all();
}

}  // namespace orewatch
