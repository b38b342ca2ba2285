#include "common/rpc/pulse.h"

#include "common/rpc/deadline.h"
#include "common/rpc/health.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

namespace orewatch::rpc {

bool Pulse::Beats(absl::Duration timeout) const {
  grpc::ClientContext context;
  // A connection that has reached its age is followed by another.
  context.set_wait_for_ready(true);
  SetTimeout(context, timeout);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(Health::kLiveness);
  grpc::health::v1::HealthCheckResponse response;
  return grpc::health::v1::Health::NewStub(channel_)->Check(&context, request, &response).ok();
}

}  // namespace orewatch::rpc
