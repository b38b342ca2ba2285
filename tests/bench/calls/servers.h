// The servers that are compared, each in a process of its own. All answer with what they are asked.
#pragma once

#include <string>

namespace orewatch::bench {

// What each server answers Say to, and where it says how much processor time it has used, in seconds, as text.
inline constexpr char kSay[] = "/orewatch.testing.v1.Echo/Say";
inline constexpr char kProcessorTime[] = "/orewatch.testing.v1.Echo/GetLater";

// gRPC's callback API and nothing else, or the trace of each call besides. Serves until it is killed.
int ServeBare(int port, bool traced);

// Our server, with its log as `log_calls` says. Serves until it is killed.
int ServeOurs(int port, const std::string& log_calls);

}  // namespace orewatch::bench
