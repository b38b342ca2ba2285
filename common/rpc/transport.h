// Settings of connections that client and server must agree upon.
#pragma once

#include "absl/time/time.h"

namespace orewatch::rpc {

// A client that pings more often than the server allows is cut off with "too many pings", so the two stand together.
struct Keepalive {
  absl::Duration client_ping_interval = absl::Seconds(60);
  absl::Duration client_ping_timeout = absl::Seconds(20);
  // Less than client_ping_interval.
  absl::Duration server_min_ping_interval = absl::Seconds(30);
  // Connections end now and then, so that clients find new replicas; what is under way has the grace.
  absl::Duration max_connection_age = absl::Minutes(30);
  absl::Duration max_connection_age_grace = absl::Minutes(5);
};

// Of one message, in both directions.
inline constexpr int kMaxMessageBytes = 4 * 1024 * 1024;

}  // namespace orewatch::rpc
