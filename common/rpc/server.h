// The one place that makes a gRPC server behave: limits, health, reflection, keepalive and a graceful end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/authorization.h"
#include "common/rpc/call_runtime.h"
#include "common/rpc/call_table.h"
#include "common/rpc/service.h"
#include "common/rpc/transport.h"
#include "common/tls/credentials.h"

namespace grpc {
class Channel;
}

namespace orewatch::rpc {

class Health;

struct ServerOptions {
  // host:port; port 0 takes a free one.
  std::string address = "127.0.0.1:0";
  CallLimits limits;
  // Describes the services to anybody who asks; off in production.
  bool reflection = false;
  Authenticator authenticator = AllowAnonymous();
  // How the process itself proves who it is where it calls this server; null: with nothing.
  Authorization own_authorization;
  Keepalive keepalive;
  TransportLimits transport;
  tls::ServerSecurity security;
  // Who did what; null: it is kept nowhere.
  CallLedger* ledger = nullptr;
  // Which ended calls get a line in the log.
  CallLog call_log = CallLog::kFaults;
};

// Whether the call comes from OwnChannel: nobody else can open a connection there.
bool FromThisProcess(const grpc::ServerContextBase& context);

// Thread-safe. Services, registry and what they use outlive the server.
class Server {
 public:
  // INVALID_ARGUMENT if a method of a service is not bound or declares no role; UNAVAILABLE if the address is taken.
  // Serves at once, NOT ready until health() says so.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const std::vector<Service*>& services,
                                                       prometheus::Registry& metrics);
  // Drains with no patience if Drain was not called.
  virtual ~Server() = default;

  virtual int port() const = 0;
  virtual Health& health() = 0;
  // Calls being handled, health checks aside.
  virtual const CallTable& calls() const = 0;
  // A channel to this server, ready or not, through a socket that takes connections of this process alone, without TLS.
  // gRPC's in-process transport would not do: it ends for good with its first connection, and a call on it after that
  // ends the process.
  virtual std::shared_ptr<grpc::Channel> OwnChannel() = 0;

  // Not ready; after `settle` (time for balancers to look away) streams move on and the port closes; calls in flight
  // finish within `timeout`, then they are cancelled. Blocks until the last handler has returned. Idempotent.
  virtual void Drain(absl::Duration settle, absl::Duration timeout) = 0;
};

}  // namespace orewatch::rpc
