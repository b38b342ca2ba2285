#include "common/tls/credentials.h"

#include <grpc/grpc_security_constants.h>

#include "absl/strings/str_cat.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace orewatch::tls {
namespace {

grpc_ssl_client_certificate_request_type RequestOf(ClientAuth auth) {
  switch (auth) {
    case ClientAuth::kOptional:
      return GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
    case ClientAuth::kRequired:
      return GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
    case ClientAuth::kNone:
      break;
  }
  return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
}

}  // namespace

std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(const ServerSecurity& security) {
  if (security.material == nullptr) {
    return grpc::InsecureServerCredentials();
  }
  grpc::experimental::TlsServerCredentialsOptions options(security.material->provider());
  options.watch_identity_key_cert_pairs();
  if (security.client_auth != ClientAuth::kNone) {
    options.watch_root_certs();
  }
  options.set_cert_request_type(RequestOf(security.client_auth));
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> MakeChannelCredentials(const ChannelSecurity& security) {
  if (security.material == nullptr) {
    return grpc::InsecureChannelCredentials();
  }
  grpc::experimental::TlsChannelCredentialsOptions options;
  if (const auto provider = security.material->provider(); provider != nullptr) {
    options.set_certificate_provider(provider);
  }
  if (security.material->has_ca()) {
    options.watch_root_certs();
  }
  if (security.material->has_certificate()) {
    options.watch_identity_key_cert_pairs();
  }
  return grpc::experimental::TlsCredentials(options);
}

std::string CertificateIdentity(const grpc::AuthContext& peer) {
  if (!peer.IsPeerAuthenticated()) {
    return "";
  }
  for (const auto& [property, prefix] :
       {std::pair("peer_uri", "uri:"), {"peer_dns", "dns:"}, {GRPC_X509_CN_PROPERTY_NAME, "cn:"}}) {
    const auto values = peer.FindPropertyValues(property);
    if (!values.empty()) {
      return absl::StrCat(prefix, absl::string_view(values.front().data(), values.front().size()));
    }
  }
  return "";
}

}  // namespace orewatch::tls
