// Calls a task when the grid reaches a tick.
#pragma once

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/time/clock.h"

namespace orewatch::alerting {

// Thread-safe. The clock outlives it.
class GridTicker {
 public:
  // `on_tick` runs on the ticker's thread, after the time of each tick; once for several that passed together.
  GridTicker(const Clock& clock, std::function<void()> on_tick);
  // Waits for a task that has begun.
  ~GridTicker();

 private:
  void Run();

  const Clock& clock_;
  const std::function<void()> on_tick_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace orewatch::alerting
