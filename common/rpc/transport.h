// Settings of connections that client and server must agree upon.
#pragma once

#include "absl/time/time.h"

namespace orewatch::rpc {

// A client that pings more often than the server allows is cut off with "too many pings", so the two stand together.
inline constexpr absl::Duration kClientPingInterval = absl::Seconds(60);
inline constexpr absl::Duration kClientPingTimeout = absl::Seconds(20);
inline constexpr absl::Duration kServerMinPingInterval = absl::Seconds(30);
static_assert(kServerMinPingInterval < kClientPingInterval);

// Connections end now and then, so that clients find new replicas.
inline constexpr absl::Duration kMaxConnectionAge = absl::Minutes(30);
inline constexpr absl::Duration kMaxConnectionAgeGrace = absl::Minutes(5);

// Of one message, in both directions.
inline constexpr int kMaxMessageBytes = 4 * 1024 * 1024;

}  // namespace orewatch::rpc
