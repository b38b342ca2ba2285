// How a server's port is protected, from flags.
#pragma once

#include "absl/status/statusor.h"
#include "common/app/environment.h"
#include "common/tls/credentials.h"

namespace orewatch::app {

// Of --tls_certificate, --tls_key, --tls_client_ca and --tls_client_auth; without a certificate there is no TLS.
// INVALID_ARGUMENT if they do not go together, or what they name cannot be used.
absl::StatusOr<tls::ServerSecurity> ServerSecurityFromFlags(const Environment& environment);

}  // namespace orewatch::app
