// Channels to other services: keepalive, balancing and retries in one place.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/rpc/authorization.h"
#include "common/rpc/client_metrics.h"
#include "common/rpc/transport.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/channel.h"

namespace orewatch::rpc {

// The service config that retries what may be repeated: reads, and methods whose request has a request_id (which the
// caller should set). UNAVAILABLE only, throttled. This is the one layer that retries.
std::string RetryServiceConfig(const std::vector<const google::protobuf::ServiceDescriptor*>& services);

// A lazy, self-healing channel, to those servers alone that say they are ready, at `target` (host:port,
// dns:///name:port or ipv4:a:p,b:p; several addresses share the load).
std::shared_ptr<grpc::Channel> Connect(const std::string& target,
                                       const std::vector<const google::protobuf::ServiceDescriptor*>& services = {},
                                       const Keepalive& keepalive = {});

// The same, counted, for a service that calls its neighbours: nothing is retried here, because the caller has a
// deadline of its own and the follower opens again.
std::shared_ptr<grpc::Channel> Connect(const std::string& target, const ClientMetrics& metrics,
                                       const Authorization& authorization = nullptr, const Keepalive& keepalive = {});

// To a server of this process, ready or not: what makes it ready may itself need the channel. `address` as it was asked
// to listen on, with the port that it got.
std::shared_ptr<grpc::Channel> ConnectToSelf(const std::string& address, int port, const Authorization& authorization,
                                             const Keepalive& keepalive);

}  // namespace orewatch::rpc
