// The calls that are being handled, for those who want to look at them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace orewatch::rpc {

struct CallInFlight {
  // `package.Service/Method`.
  std::string method;
  absl::Time started;
  // absl::InfiniteFuture(): the caller gave none.
  absl::Time deadline;
  // As gRPC writes it.
  std::string peer;
  // Empty: not known yet.
  std::string principal;
  std::string trace_id = {};
  bool stream = false;
};

// Thread-safe. Outlives the places in it.
class CallTable {
 public:
  // Of one call, from its beginning to its end. Thread-compatible.
  class Place {
   public:
    Place(CallTable& table, CallInFlight call);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    void SetPrincipal(const std::string& principal);

   private:
    friend class CallTable;
    CallTable& table_;
    // Written under the lock of its shard alone.
    CallInFlight call_;
  };

  // The oldest first, at most so many: streams, or the other calls.
  std::vector<CallInFlight> Oldest(bool streams, size_t count) const;
  int64_t size(bool streams) const;

 private:
  // So that calls on different threads rarely meet.
  struct Shard {
    mutable absl::Mutex mutex;
    absl::flat_hash_set<const Place*> places ABSL_GUARDED_BY(mutex);
  };
  Shard& ShardOf(const Place* place);

  std::array<Shard, 16> shards_;
};

}  // namespace orewatch::rpc
