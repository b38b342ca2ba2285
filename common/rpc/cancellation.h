// That nobody waits for an answer any more, and what is to be done then.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace orewatch::rpc {

// Copies share one state. Thread-safe.
class Cancellation {
 public:
  bool cancelled() const;
  // Runs what was asked for, once, on this thread and without the lock held.
  void Cancel() const;
  // Runs `hook` once when the call is cancelled; at once if it is already. The hook may run after the answer was given.
  void OnCancel(std::function<void()> hook) const;

 private:
  struct State {
    mutable absl::Mutex mutex;
    bool cancelled ABSL_GUARDED_BY(mutex) = false;
    std::vector<std::function<void()>> hooks ABSL_GUARDED_BY(mutex);
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace orewatch::rpc
