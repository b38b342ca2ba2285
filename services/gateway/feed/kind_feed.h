// One kind of a feed: follows one service for one caller, through its absences.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/caller.h"
#include "common/rpc/service.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "services/gateway/client/known_position.h"
#include "services/gateway/client/neighbour_errors.h"
#include "services/gateway/client/timers.h"

namespace grpc {
class Channel;
}

namespace orewatch::gateway {

// Thread-compatible; wakes its owner when Next may have something.
class KindFeed {
 public:
  virtual ~KindFeed() = default;
  // Fills `out` with the next message and moves `position` behind it; false if there is none now. An error ends the
  // feed: what came after the position cannot be had.
  virtual absl::StatusOr<bool> Next(v1::FeedPosition& position, v1::WatchFeedResponse& out) = 0;
};

struct KindFeedOptions {
  // These two outlive the feed.
  const NeighbourErrors& errors;
  Timers& timers;
  std::shared_ptr<grpc::Channel> channel;
  rpc::Caller caller;
  rpc::Waker waker;
  // Where a feed without a position begins if the service cannot be asked when it is opened. If that is not known
  // either, the feed says with STATE_INCOMPLETE, reason BEGINNING_UNKNOWN, that it begins when the service is back.
  LastKnown beginning;
  // Where the registry is: positions that are beyond it as well as beyond the service are none.
  LastKnown registry;
};

std::unique_ptr<KindFeed> FollowChanges(const KindFeedOptions& options);
std::unique_ptr<KindFeed> FollowScores(const KindFeedOptions& options);
std::unique_ptr<KindFeed> FollowAlerts(const KindFeedOptions& options);

}  // namespace orewatch::gateway
