// Keeps callers from filling the log by failing.
#pragma once

#include <array>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/exec/sleeper.h"
#include "common/log/log.h"
#include "common/rpc/refusal_counter.h"

namespace orewatch::rpc {

// Thread-safe. Of the calls of one peer that end for one reason the first few of a while get a line each; the others
// are counted, and a line at its end says how many there were.
class CallLines {
 public:
  explicit CallLines(const RefusalCounter::Options& options = {});
  // Says what is left.
  ~CallLines();

  // Whether a call gets a line of its own; else it is counted. What is refused leaves room for our own faults.
  bool Tell(log::Level level, const RefusalCounter::Sum& call, absl::Time now);

 private:
  void WriteUntilClosed();
  void WriteEnded(absl::Time now);

  const absl::Duration interval_;
  absl::Mutex mutex_;
  RefusalCounter refusals_ ABSL_GUARDED_BY(mutex_);
  RefusalCounter faults_ ABSL_GUARDED_BY(mutex_);
  Sleeper sleeper_;
  std::thread writer_;
};

}  // namespace orewatch::rpc
