// Work for later, as an injected thing.
#pragma once

#include <functional>

#include "absl/time/time.h"

namespace orewatch::gateway {

// Thread-safe.
class Timers {
 public:
  virtual ~Timers() = default;
  // Runs `task` once, on any thread.
  virtual void After(absl::Duration delay, std::function<void()> task) = 0;
};

// On the transport's threads.
class TransportTimers final : public Timers {
 public:
  void After(absl::Duration delay, std::function<void()> task) override;
};

}  // namespace orewatch::gateway
