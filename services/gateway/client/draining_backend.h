// Knows which calls are under way, so that nothing is destroyed under them.
#pragma once

#include <list>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/cancellation.h"
#include "services/gateway/client/backend.h"

namespace orewatch::gateway {

// A call may outlast whoever asked: who was cancelled, or has been told something older, does not wait for it.
class DrainingBackend final : public Backend {
 public:
  explicit DrainingBackend(Backend& next) : next_(next) {}
  void Ask(const QuestionPtr& question, Answered answered) override;
  // Gives up what is under way, and waits until it has been answered. UNAVAILABLE, reason STOPPING, from then on.
  // Idempotent.
  void Stop();

 private:
  bool IsEmpty() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return under_way_.empty(); }

  Backend& next_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::list<rpc::Cancellation> under_way_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch::gateway
