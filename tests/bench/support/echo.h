// The least that a gRPC server can do, in a process of its own: the other side of the comparisons.
#pragma once

namespace orewatch::bench {

// Answers with what it is asked, untouched.
inline constexpr char kEchoCall[] = "/orewatch.bench.Echo/Call";
// A stream of what is published while it is open, after what it was asked with.
inline constexpr char kEchoFollow[] = "/orewatch.bench.Echo/Follow";
// Sends what it is asked to every follower.
inline constexpr char kEchoPublish[] = "/orewatch.bench.Echo/Publish";

// Serves on a port of the loopback until it is killed.
int ServeEcho(int port);

}  // namespace orewatch::bench
