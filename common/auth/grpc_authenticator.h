// Access control as the server kit asks for it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/auth/access_control.h"
#include "common/rpc/call_runtime.h"

namespace grpc {
class AuthContext;
}

namespace orewatch::auth {

// `control` outlives the server.
rpc::Authenticator AuthenticatorOf(AccessControl& control);

// As an access file names them: `uri:...` and `dns:...`, and `cn:...` where there is neither. Empty: the peer brought
// no certificate that was verified.
std::vector<std::string> IdentitiesOf(const grpc::AuthContext& peer);

}  // namespace orewatch::auth
