#include "common/auth/grpc_authenticator.h"

#include "absl/strings/str_cat.h"
#include "common/rpc/authorization.h"
#include "common/rpc/speak_for.h"
#include "grpc/grpc_security_constants.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/server_context.h"

namespace orewatch::auth {
namespace {

constexpr char kApiKeyHeader[] = "x-api-key";

Presented::Header HeaderOf(const grpc::ServerContextBase& context, const char* name) {
  Presented::Header header;
  const auto [first, last] = context.client_metadata().equal_range(name);
  for (auto at = first; at != last; ++at) {
    header = {{at->second.data(), at->second.size()}, header.count + 1};
  }
  return header;
}

void AddAll(const grpc::AuthContext& peer, const char* property, absl::string_view prefix,
            std::vector<std::string>& identities) {
  for (const grpc::string_ref& value : peer.FindPropertyValues(property)) {
    identities.push_back(absl::StrCat(prefix, absl::string_view(value.data(), value.size())));
  }
}

}  // namespace

std::vector<std::string> IdentitiesOf(const grpc::AuthContext& peer) {
  std::vector<std::string> identities;
  if (!peer.IsPeerAuthenticated()) {
    return identities;
  }
  AddAll(peer, GRPC_PEER_URI_PROPERTY_NAME, "uri:", identities);
  AddAll(peer, GRPC_PEER_DNS_PROPERTY_NAME, "dns:", identities);
  if (identities.empty()) {
    AddAll(peer, GRPC_X509_CN_PROPERTY_NAME, "cn:", identities);
  }
  return identities;
}

rpc::Authenticator AuthenticatorOf(AccessControl& control) {
  return [&control](const grpc::ServerContextBase& context) {
    const Presented presented{HeaderOf(context, rpc::kAuthorizationHeader), HeaderOf(context, kApiKeyHeader),
                              HeaderOf(context, rpc::kPrincipalHeader), HeaderOf(context, rpc::kRoleHeader)};
    return control.Authenticate(presented, [&context] {
      const auto peer = context.auth_context();
      return peer == nullptr ? std::vector<std::string>() : IdentitiesOf(*peer);
    });
  };
}

}  // namespace orewatch::auth
