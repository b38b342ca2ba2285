// Wakes the streams that follow something.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace orewatch::rpc {

// Thread-safe. Wakers are called without the lock held, on the notifying thread.
class Notifier {
 public:
  // Ends the subscription when destroyed. A wake-up that has begun may still arrive.
  using Subscription = std::shared_ptr<void>;

  Subscription Subscribe(std::function<void()> waker);
  void NotifyAll();
  size_t subscribers() const;

 private:
  struct State {
    absl::Mutex mutex;
    int64_t next_id ABSL_GUARDED_BY(mutex) = 0;
    std::map<int64_t, std::function<void()>> wakers ABSL_GUARDED_BY(mutex);
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace orewatch::rpc
