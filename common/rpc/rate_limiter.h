// How much each caller may ask for: a bucket of tokens each, of which a call takes what its method costs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace orewatch::rpc {

struct RateLimits {
  // What flows into each caller's bucket; 0: nobody is limited.
  double cost_per_second = 0;
  // What a bucket holds at most, and at first. A call that costs more takes all of it.
  double burst = 0;
  // Buckets kept. Those unused for longest go first; whoever comes back after that finds a full one.
  size_t max_callers = 10'000;
};

// Thread-safe.
class RateLimiter {
 public:
  explicit RateLimiter(const RateLimits& limits) : limits_(limits) {}

  bool enabled() const { return limits_.cost_per_second > 0; }
  const RateLimits& limits() const { return limits_; }

  // Takes `cost` from the caller's bucket and returns zero; or takes nothing, and returns how long it takes until there
  // is enough.
  absl::Duration Spend(absl::string_view caller, int32_t cost, absl::Time now);
  size_t callers() const;

 private:
  struct Bucket {
    std::string caller;
    double tokens;
    absl::Time filled;
  };
  // The bucket, as the one used last.
  Bucket& Find(absl::string_view caller, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const RateLimits limits_;
  mutable absl::Mutex mutex_;
  // Used last first.
  std::list<Bucket> buckets_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<absl::string_view, std::list<Bucket>::iterator> index_ ABSL_GUARDED_BY(mutex_);
};

// The address of a peer without its port, as gRPC writes it.
absl::string_view HostOfPeer(absl::string_view peer);

}  // namespace orewatch::rpc
