// What gRPC is given to speak TLS, 1.2 at least.
#pragma once

#include <memory>
#include <string>

#include "common/tls/watched_material.h"

namespace grpc {
class AuthContext;
class ChannelCredentials;
class ServerCredentials;
}  // namespace grpc

namespace orewatch::tls {

// Whether callers show a certificate. One that is shown is always checked.
enum class ClientAuth { kNone, kOptional, kRequired };

// How a server is protected; without material not at all. A client's certificate needs authorities in the material.
struct ServerSecurity {
  std::shared_ptr<WatchedMaterial> material;
  ClientAuth client_auth = ClientAuth::kNone;
};

// How a channel is protected; without material not at all. Without authorities in it those of the system are believed.
struct ChannelSecurity {
  std::shared_ptr<WatchedMaterial> material;
  // Whom the server's certificate must name; empty: the host of the target.
  std::string server_name;
};

std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(const ServerSecurity& security);
std::shared_ptr<grpc::ChannelCredentials> MakeChannelCredentials(const ChannelSecurity& security);

// Whom the certificate of the peer names, as it was checked in the handshake: `uri:` and its first URI, else `dns:` and
// its first host name, else `cn:` and its common name; empty if it showed none.
std::string CertificateIdentity(const grpc::AuthContext& peer);

}  // namespace orewatch::tls
