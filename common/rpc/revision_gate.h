// Parks callers who ask for a revision that has not been applied yet, without holding a thread for them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace orewatch::rpc {

// Thread-safe. Continuations run on the thread that advances the gate, on the gate's timer thread, or inline.
class RevisionGate {
 public:
  static constexpr size_t kMaxParked = 10'000;

  RevisionGate();
  // Whoever is still parked gets UNAVAILABLE.
  ~RevisionGate();

  // Lets through everybody who waits for `revision` or less. Never goes back, except through Reset.
  void Advance(int64_t revision);
  // A new lineage begins at `revision`.
  void Reset(int64_t revision);
  int64_t reached() const;

  // Calls `done` once: OK when the revision is reached (at once if it is already), UNAVAILABLE with reason
  // REVISION_NOT_REACHED at the deadline or shutdown, RESOURCE_EXHAUSTED if too many wait.
  void Await(int64_t revision, absl::Time deadline, std::function<void(absl::Status)> done);

 private:
  struct Parked {
    int64_t revision;
    std::function<void(absl::Status)> done;
  };
  void ExpireUntilClosed();

  mutable absl::Mutex mutex_;
  int64_t reached_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  // By deadline.
  std::multimap<absl::Time, Parked> parked_ ABSL_GUARDED_BY(mutex_);
  std::thread timer_;
};

}  // namespace orewatch::rpc
