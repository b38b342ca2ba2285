// Adds to every call of a channel which request it is part of.
#pragma once

#include <memory>

#include "grpcpp/support/client_interceptor.h"

namespace orewatch::rpc {

// The trace of the thread that makes the call, or a new one; calls that bring their own (SpeakFor) keep it.
std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface> MakeTraceFactory();

}  // namespace orewatch::rpc
