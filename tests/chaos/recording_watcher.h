// Follows the change feed for ever, over the deaths of replicas, and remembers what it saw.
#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/chaos/history.h"
#include "tests/chaos/replica_caller.h"

namespace orewatch::testing {

// Leaves each stream after a while by itself, and goes on at another replica. Thread-safe.
class RecordingWatcher {
 public:
  RecordingWatcher(std::string name, uint64_t seed, std::vector<std::string> replicas);
  ~RecordingWatcher() { Stop(); }

  // False if it does not get there in time.
  bool AwaitRevision(int64_t revision, absl::Duration patience);
  void Stop();
  // Complete once stopped.
  const RecordedWatch& record() const { return record_; }

 private:
  void WatchUntilStopped();
  void WatchOnce(ReplicaCaller& caller);
  bool Take(const registry::v1::ChangeSet& set);

  Random random_;
  const std::vector<std::string> replicas_;
  RecordedWatch record_;
  type::v1::Revision last_;
  std::string digest_;
  absl::Mutex mutex_;
  int64_t reached_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  // Of the stream that is open; null: none is.
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::thread thread_;
};

}  // namespace orewatch::testing
