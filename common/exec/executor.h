// A fixed set of threads behind a bounded queue: where handlers may block.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace orewatch {

// Thread-safe. Tasks start in the order of submission.
class Executor {
 public:
  Executor(int threads, size_t queue_limit);
  // Runs what is queued, then joins.
  ~Executor();

  // False if the queue is full: the caller must refuse the work.
  bool TrySubmit(std::function<void()> task);
  size_t queued() const;

 private:
  void RunTasks();

  const size_t queue_limit_;
  mutable absl::Mutex mutex_;
  // Not a condition of the mutex: each unlocking would evaluate it for every idle thread.
  absl::CondVar awake_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace orewatch
