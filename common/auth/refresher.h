// A thread that reads something again whenever it is due.
#pragma once

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/time/clock.h"

namespace orewatch::auth {

// Thread-safe. `refresh` may block; the destructor waits for it.
class Refresher {
 public:
  Refresher(const Clock& clock, std::function<absl::Time()> due_at, std::function<void()> refresh);
  ~Refresher();

  // Asks anew when it is due.
  void Wake();

 private:
  void Run();

  const Clock& clock_;
  const std::function<absl::Time()> due_at_;
  const std::function<void()> refresh_;
  absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace orewatch::auth
