// Calls a task when the grid reaches a tick.
#pragma once

#include <functional>
#include <thread>

#include "common/exec/sleeper.h"
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
  Sleeper sleeper_;
  std::thread thread_;
};

}  // namespace orewatch::alerting
