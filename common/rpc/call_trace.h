// What a call says of the request that it is part of, and where its caller is told.
#pragma once

#include "common/trace/trace.h"
#include "grpcpp/server_context.h"

namespace orewatch::rpc {

inline constexpr char kTraceIdHeader[] = "x-trace-id";

// A new span of the trace that the headers tell of, or of a new one.
TracePtr TraceOf(const grpc::ServerContextBase& transport);

}  // namespace orewatch::rpc
