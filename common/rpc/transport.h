// Settings of connections that client and server must agree upon.
#pragma once

#include <cstddef>

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

// What peers may take of a server before they have said who they are. docs/operations.md has the figures.
struct TransportLimits {
  // More are closed as soon as they are there.
  int max_connections = 12'000;
  // From the first byte of TLS to the end of HTTP/2's greeting.
  absl::Duration handshake_timeout = absl::Seconds(10);
  // Without a call. A caller of ours always has one open, which watches readiness.
  absl::Duration max_connection_idle = absl::Minutes(5);
  // Calls at once on one connection.
  int max_concurrent_streams = 1000;
  // Of the headers of one call, decoded.
  int max_metadata_bytes = 16 * 1024;
  // For what has arrived and is not handled yet; near it gRPC lets idle connections go, and takes no more from the
  // others.
  size_t max_buffered_bytes = size_t{256} * 1024 * 1024;
};

}  // namespace orewatch::rpc
