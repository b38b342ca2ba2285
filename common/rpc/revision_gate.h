// Parks callers who ask for a revision that has not been applied yet, without holding a thread for them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/exec/steady_cond_var.h"
#include "common/rpc/service.h"

namespace orewatch::rpc {

// Thread-safe. Continuations run without a lock held, on the thread that advances or closes the gate, that cancels the
// call, on the gate's timer thread, or inline. The gate outlives the calls that it parks.
class RevisionGate {
 public:
  // Less than the calls that a server handles at once, so that those who wait leave room for those who do not.
  static constexpr size_t kMaxParked = 500;
  // Nobody waits longer, whatever the deadline.
  static constexpr absl::Duration kLongestWait = absl::Seconds(30);

  explicit RevisionGate(absl::Duration longest_wait = kLongestWait);
  ~RevisionGate();

  // Lets through everybody who waits for `revision` or less. Never goes back, except through Reset.
  void Advance(int64_t revision);
  // A new lineage begins at `revision`.
  void Reset(int64_t revision);
  // Whoever is parked gets UNAVAILABLE, and nobody is parked from now on. Idempotent.
  void Close();
  int64_t reached() const;
  size_t parked() const;

  using Done = std::function<void(absl::Status)>;
  // Calls `done` once: OK when the revision is reached (at once if it is already), UNAVAILABLE with reason
  // REVISION_NOT_REACHED at the call's deadline, after the longest wait or when the gate closes, CANCELLED when the
  // caller goes away, RESOURCE_EXHAUSTED if too many wait.
  void Await(const CallContext& context, int64_t revision, Done done);

  // Asks whoever makes the revisions for the newest there is.
  using AskHead = std::function<void(const CallContext&, std::function<void(const absl::StatusOr<int64_t>&)>)>;
  // As Await, but for a revision that nobody has made, which is OUT_OF_RANGE at once, reason REVISION_ABOVE_HEAD; and
  // UNAVAILABLE, reason REVISION_NOT_REACHED, if that cannot be found out. Asks only if the revision is not reached.
  void AwaitExisting(const CallContext& context, int64_t revision, const AskHead& ask, Done done);

 private:
  struct Parked {
    int64_t revision;
    Done done;
  };
  // When the wait ends, and a number that tells apart those that end together.
  using Ticket = std::pair<absl::Time, int64_t>;
  using Queue = std::map<Ticket, Parked>;

  // True if it was parked; else `done` is to be called with `answer`, which is OK if the revision is reached.
  bool Park(const Ticket& ticket, int64_t revision, Done& done, absl::Status& answer);
  void Leave(const Ticket& ticket);
  void ExpireUntilClosed();

  const absl::Duration longest_wait_;
  // Until the first of those who wait gives up.
  absl::Duration UntilNext() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  // Somebody gives up sooner than was known, or nobody waits any more.
  SteadyCondVar sooner_;
  int64_t reached_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::atomic<int64_t> next_ticket_{0};
  Queue parked_ ABSL_GUARDED_BY(mutex_);
  std::thread timer_;
};

}  // namespace orewatch::rpc
