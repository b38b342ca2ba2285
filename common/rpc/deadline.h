// Deadlines between gRPC, which keeps moments of the wall's clock, and us, who keep those of SteadyNow(): what is
// handed over is the time that is left, so that a clock which is set fails no call.
#pragma once

#include <chrono>

#include "absl/time/time.h"
#include "grpcpp/client_context.h"
#include "grpcpp/server_context.h"

namespace orewatch::rpc {

// absl::InfiniteFuture() if the caller gave none.
absl::Time DeadlineOf(const grpc::ServerContextBase& transport);

// A moment of SteadyNow(), as gRPC's clock will show it.
std::chrono::system_clock::time_point ToTransport(absl::Time time);

void SetDeadline(grpc::ClientContext& context, absl::Time deadline);
void SetTimeout(grpc::ClientContext& context, absl::Duration timeout);

}  // namespace orewatch::rpc
