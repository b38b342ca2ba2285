// Keeps the lease of an engine, or tries to get it, and says when that changes.
#pragma once

#include <cstdint>
#include <functional>
#include <thread>

#include "absl/time/time.h"
#include "common/exec/sleeper.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {

// Thread-safe. The engine outlives it.
class LeaseKeeper {
 public:
  // `on_change` runs on the keeper's thread: true when a term of the engine has begun, false when it has ended. `poll`:
  // between two attempts, well within the life of a lease.
  LeaseKeeper(AlertEngine& engine, absl::Duration poll, std::function<void(bool evaluates)> on_change);
  ~LeaseKeeper() { Stop(); }

  // Says that the engine evaluates no longer, if it did, and gives the lease up. Idempotent.
  void Stop();

 private:
  void Run();
  // Of which term; 0: none.
  void Tell(int64_t epoch);

  AlertEngine& engine_;
  const absl::Duration poll_;
  const std::function<void(bool evaluates)> on_change_;
  // Used by the thread alone, and by Stop after it.
  int64_t epoch_ = 0;
  bool failing_ = false;
  Sleeper sleeper_;
  // Last: uses the rest.
  std::thread thread_;
};

}  // namespace orewatch::alerting
