// A thread that reads something again whenever it is due.
#pragma once

#include <functional>
#include <thread>

#include "absl/time/time.h"
#include "common/exec/sleeper.h"
#include "common/time/clock.h"

namespace orewatch::auth {

// Thread-safe. `refresh` may block; the destructor waits for it.
class Refresher {
 public:
  Refresher(const Clock& clock, std::function<absl::Time()> due_at, std::function<void()> refresh);
  ~Refresher();

  // Asks anew when it is due.
  void Wake() { sleeper_.Wake(); }

 private:
  void Run();

  const Clock& clock_;
  const std::function<absl::Time()> due_at_;
  const std::function<void()> refresh_;
  Sleeper sleeper_;
  std::thread thread_;
};

}  // namespace orewatch::auth
