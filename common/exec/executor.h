// A fixed set of threads behind a bounded queue: where handlers may block.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace orewatch {

// Thread-safe. Tasks of one lane start in the order of submission; those of an earlier lane go before them, but for one
// in eight, so that none waits for ever.
class Executor {
 public:
  static constexpr size_t kLanes = 3;

  Executor(int threads, size_t queue_limit);
  // Runs what is queued, then joins.
  ~Executor();

  // False if the queue is full: the caller must refuse the work.
  bool TrySubmit(std::function<void()> task) { return TrySubmit(std::move(task), 0, queue_limit_); }
  // The same for a lane that may use only so much of the queue, of which all lanes take their part.
  bool TrySubmit(std::function<void()> task, size_t lane, size_t places);
  size_t queued() const;
  size_t queue_limit() const { return queue_limit_; }
  // Since when the oldest task waits, of this lane and of those that go before it; absl::InfiniteFuture(): none does.
  absl::Time WaitingSince(size_t lane) const;

 private:
  struct Task {
    std::function<void()> run;
    absl::Time submitted;
  };
  void RunTasks();
  std::function<void()> TakeTask() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t queue_limit_;
  mutable absl::Mutex mutex_;
  // Not a condition of the mutex: each unlocking would evaluate it for every idle thread.
  absl::CondVar awake_;
  std::array<std::deque<Task>, kLanes> lanes_ ABSL_GUARDED_BY(mutex_);
  size_t queued_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace orewatch
