// How calls to other services of ours are protected, from flags.
#pragma once

#include "absl/status/statusor.h"
#include "common/app/environment.h"
#include "common/tls/credentials.h"

namespace orewatch::app {

// Of --upstream_ca, --upstream_certificate, --upstream_key and --upstream_server_name; without authorities there is no
// TLS. INVALID_ARGUMENT if they do not go together, or what they name cannot be used.
absl::StatusOr<tls::ChannelSecurity> UpstreamSecurityFromFlags(const Environment& environment);

}  // namespace orewatch::app
