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

// Reads the stream on a thread of its own and opens it again whenever it ends. Each stream begins with every score
// there is, whatever has been applied: a removal that nobody was there to see, or that a restart of the risk service
// forgot, cannot leave an alert behind. Thread-safe; the engine outlives it.
class ScoreFeed {
 public:
  ScoreFeed(const std::shared_ptr<grpc::Channel>& risk, AlertEngine& engine);
  // Ends the stream and joins.
  void Stop() { thread_.Stop(); }

 private:
  absl::Status FollowOnce(grpc::ClientContext& context);
  absl::Status ReadAll(grpc::ClientReaderInterface<risk::v1::WatchScoresResponse>& reader);

  const std::unique_ptr<risk::v1::Risk::StubInterface> stub_;
  AlertEngine& engine_;
  // Last: it uses the rest.
  rpc::FollowerThread thread_;
};

}  // namespace orewatch::alerting
