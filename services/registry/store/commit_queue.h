// Writes that wait for the one thread of an engine that commits them.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// Group commit: what has gathered while one group was committed is the next group. Thread-safe.
class CommitQueue {
 public:
  static constexpr size_t kMaxWaiting = 10'000;

  // Lives on the stack of its caller until it is answered.
  struct Waiting {
    const Author& author;
    const Write& write;
    // What it is about to look at, as far as it has been said.
    const std::vector<EntryKey>& touched;
    absl::StatusOr<Committed> result = Committed{};
    absl::Notification done = {};
  };
  using Group = std::vector<Waiting*>;

  // `commit_group` sets the result of each; the queue's own thread calls it, never with an empty group.
  explicit CommitQueue(std::function<void(const Group&)> commit_group);
  // Commits what waits, then ends.
  ~CommitQueue();
  CommitQueue(const CommitQueue&) = delete;
  CommitQueue& operator=(const CommitQueue&) = delete;

  // From the next group on says how long each took of which something was changed.
  void Observe(std::function<void(absl::Duration)> observe);

  // The result of the write. RESOURCE_EXHAUSTED if too many wait.
  absl::StatusOr<Committed> Commit(const Author& author, const Write& write, const std::vector<EntryKey>& touched = {});

 private:
  void CommitUntilClosed();
  void CommitAndObserve(const Group& group);

  const std::function<void(const Group&)> commit_group_;
  absl::Mutex mutex_;
  std::deque<Waiting*> waiting_ ABSL_GUARDED_BY(mutex_);
  std::function<void(absl::Duration)> observe_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace orewatch::registry
