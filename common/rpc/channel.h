// Channels to other services: keepalive, balancing and retries in one place.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/rpc/authorization.h"
#include "common/rpc/client_metrics.h"
#include "common/rpc/transport.h"
#include "common/tls/credentials.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/channel.h"

namespace orewatch::rpc {

struct ChannelOptions {
  tls::ChannelSecurity security = {};
  // Goes with every call; null: nothing does.
  Authorization authorization = nullptr;
  Keepalive keepalive = {};
};

// The service config that retries what may be repeated: reads, and methods whose request has a request_id (which the
// caller should set). UNAVAILABLE only, throttled. This is the one layer that retries.
std::string RetryServiceConfig(const std::vector<const google::protobuf::ServiceDescriptor*>& services);

// A lazy, self-healing channel, to those servers alone that say they are ready, at `target` (host:port,
// dns:///name:port or ipv4:a:p,b:p; several addresses share the load).
std::shared_ptr<grpc::Channel> Connect(const std::string& target,
                                       const std::vector<const google::protobuf::ServiceDescriptor*>& services = {},
                                       const ChannelOptions& options = {});

// The same, counted, for a service that calls its neighbours: nothing is retried here, because the caller has a
// deadline of its own and the follower opens again.
std::shared_ptr<grpc::Channel> Connect(const std::string& target, const ClientMetrics& metrics,
                                       const ChannelOptions& options = {});

// To a server of this process, ready or not: what makes it ready may itself need the channel. `target` as its Listener
// for this process names it.
std::shared_ptr<grpc::Channel> ConnectToSelf(const std::string& target, const Authorization& authorization,
                                             const Keepalive& keepalive);

}  // namespace orewatch::rpc
