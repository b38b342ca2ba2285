// Follows how far each neighbour is: what is remembered of one holds as long as it stands still.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/time/clock.h"
#include "services/gateway/client/known_position.h"

namespace grpc {
class Channel;
}

namespace orewatch::gateway {

struct Channels {
  std::shared_ptr<grpc::Channel> registry;
  std::shared_ptr<grpc::Channel> risk;
  std::shared_ptr<grpc::Channel> alerting;
};

// Of registry, risk and alerting, in that order.
using Stamps = std::array<uint64_t, 3>;

// Thread-safe. Each neighbour is followed by a stream, which tells at once, and asked every second, which tells that it
// is still there. Nothing is known before Start, and of a neighbour that refuses the gateway.
class Positions {
 public:
  explicit Positions(const Clock& clock);
  ~Positions();
  void Start(const Channels& channels);
  // Ends the streams and joins. Idempotent.
  void Stop();

  const KnownPosition& registry() const { return registry_; }
  const KnownPosition& risk() const { return risk_; }
  const KnownPosition& alerting() const { return alerting_; }
  // 0 where nothing is known.
  Stamps StampsAt(absl::Time now) const;

 private:
  class Follower;
  class Heartbeat;

  const Clock& clock_;
  KnownPosition registry_;
  KnownPosition risk_;
  KnownPosition alerting_;
  std::vector<std::unique_ptr<Follower>> followers_;
  std::unique_ptr<Heartbeat> heartbeat_;
};

}  // namespace orewatch::gateway
