// How other services of ours are called, from flags.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/app/environment.h"
#include "common/rpc/channel.h"

namespace orewatch::app {

// Somebody who is called: the flag that says where they are, and what it says.
struct Neighbour {
  std::string flag;
  std::string target;
};

// Of --upstream_ca, --upstream_certificate, --upstream_key and --upstream_server_name (without authorities there is no
// TLS), and as the environment proves who this process is. INVALID_ARGUMENT if the flags do not go together, if what
// they name cannot be used, if a target is none, or if the proof would go in clear over a network and
// --allow_unprotected_upstream does not say that it may.
absl::StatusOr<rpc::ChannelOptions> UpstreamFromFlags(const Environment& environment,
                                                      const std::vector<Neighbour>& neighbours);

}  // namespace orewatch::app
