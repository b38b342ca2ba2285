// Changes, scores and alerts in one stream.
#pragma once

#include <memory>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/caller.h"
#include "common/rpc/service.h"
#include "common/time/clock.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "services/gateway/client/neighbour_errors.h"
#include "services/gateway/client/positions.h"
#include "services/gateway/client/timers.h"

namespace orewatch::gateway {

// Thread-safe; outlived by its arguments.
class Feed {
 public:
  Feed(const Positions& positions, const Clock& clock, Timers& timers)
      : positions_(positions),
        timers_(timers),
        registry_errors_("registry", clock),
        risk_errors_("risk", clock),
        alerting_errors_("alerting", clock) {}
  void Connect(const Channels& channels);
  // What the caller may see of these kinds (none: all) after the position. Each kind is followed as the caller, by a
  // stream of its own. A kind without a position begins now, also if its service is away: where that, or for scores the
  // registry, was last known to be. UNAVAILABLE, reason NOT_CONNECTED, before Connect.
  absl::StatusOr<std::unique_ptr<rpc::StreamSource<v1::WatchFeedResponse>>> Open(const rpc::Caller& caller,
                                                                                 std::set<int> kinds,
                                                                                 v1::FeedPosition position,
                                                                                 const rpc::Waker& waker) const;

 private:
  const Positions& positions_;
  Timers& timers_;
  const NeighbourErrors registry_errors_;
  const NeighbourErrors risk_errors_;
  const NeighbourErrors alerting_errors_;
  mutable absl::Mutex mutex_;
  Channels channels_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch::gateway
