// Follows the scores of the risk service into the engine.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "common/rpc/follower.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {

// Starts where the engine stands, on a thread of its own, and starts again whenever the stream ends; in another
// lineage, from the beginning. The input counts as live from the first revision that a stream brings, or as soon as the
// risk service says that there is nothing newer. Thread-safe; the engine outlives it.
class ScoreFeed {
 public:
  ScoreFeed(const std::shared_ptr<grpc::Channel>& risk, AlertEngine& engine);
  // Ends the stream and joins.
  void Stop() { thread_.Stop(); }

 private:
  absl::Status FollowOnce(grpc::ClientContext& context);
  absl::Status ReadAll(const Revision& after, grpc::ClientReaderInterface<risk::v1::WatchScoresResponse>& reader);
  // Asks whether anything newer than what has been applied is on its way; errors say nothing.
  bool NothingNewer(const Revision& applied);

  const std::unique_ptr<risk::v1::Risk::StubInterface> stub_;
  AlertEngine& engine_;
  // On the follower's thread alone: the next stream starts from 0.
  bool reload_ = false;
  // Last: it uses the rest.
  rpc::FollowerThread thread_;
};

}  // namespace orewatch::alerting
