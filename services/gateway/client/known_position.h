// How far a neighbour is known to be, for as long as that is known.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace orewatch::gateway {

struct Position {
  // The same as long as nothing is known to have changed; 0: not known.
  uint64_t stamp = 0;
  // Revision, or sequence.
  int64_t number = 0;
};

// Where a neighbour was when it was last heard of, however long ago.
struct LastKnown {
  // Empty: it never was.
  std::string lineage;
  int64_t number = 0;
};

// Thread-safe. Whoever follows the neighbour says what it hears; what has not been heard of for a while is not known,
// so that a neighbour which hangs is noticed.
class KnownPosition {
 public:
  static constexpr absl::Duration kTrust = absl::Seconds(3);

  // The neighbour stands there now, in this history. A lower number of the same history is another replica's, and only
  // says that there is somebody.
  void Heard(absl::string_view lineage, int64_t number, absl::Time now);
  // The same, of somebody who only asks now and then: counts for nothing while nobody follows.
  void Confirmed(absl::string_view lineage, int64_t number, absl::Time now);
  // Nobody follows it any more.
  void Lost();
  Position Get(absl::Time now) const;
  LastKnown last_known() const;
  // As Get, without a lock.
  uint64_t StampAt(absl::Time now) const;

 private:
  void HeardLocked(absl::string_view lineage, int64_t number, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  bool followed_ ABSL_GUARDED_BY(mutex_) = false;
  std::string lineage_ ABSL_GUARDED_BY(mutex_);
  int64_t number_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t last_stamp_ ABSL_GUARDED_BY(mutex_) = 0;
  std::atomic<uint64_t> stamp_{0};
  // Nanoseconds of Unix time.
  std::atomic<int64_t> trusted_until_{0};
};

}  // namespace orewatch::gateway
