// Adds to every call of a channel how the process proves who it is.
#pragma once

#include <memory>

#include "common/rpc/authorization.h"
#include "grpcpp/support/client_interceptor.h"

namespace orewatch::rpc {

// Works with and without TLS: gRPC's own call credentials insist on it.
std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface> MakeAuthorizationFactory(
    Authorization authorization);

}  // namespace orewatch::rpc
