// Does one thing again and again.
#pragma once

#include <functional>
#include <thread>

#include "absl/time/time.h"
#include "common/exec/sleeper.h"

namespace orewatch {

// Runs a task on a thread of its own for as long as it lives. Thread-safe.
class Repeater {
 public:
  // The task returns how long to wait until it runs again; before the first time it is `first`.
  explicit Repeater(std::function<absl::Duration()> task, absl::Duration first = absl::ZeroDuration());
  // Waits for a run that has begun, and for no other.
  ~Repeater();

 private:
  void Run(absl::Duration pause);

  const std::function<absl::Duration()> task_;
  Sleeper sleeper_;
  std::thread thread_;
};

}  // namespace orewatch
