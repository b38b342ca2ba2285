// How other services of ours are called, from flags.
#pragma once

#include "absl/status/statusor.h"
#include "common/app/environment.h"
#include "common/rpc/channel.h"

namespace orewatch::app {

// Of --upstream_ca, --upstream_certificate, --upstream_key and --upstream_server_name (without authorities there is no
// TLS), and as the environment proves who this process is. INVALID_ARGUMENT if the flags do not go together, or what
// they name cannot be used.
absl::StatusOr<rpc::ChannelOptions> UpstreamFromFlags(const Environment& environment);

}  // namespace orewatch::app
