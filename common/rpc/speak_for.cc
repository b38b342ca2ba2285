#include "common/rpc/speak_for.h"

#include "grpcpp/client_context.h"

namespace orewatch::rpc {

void SpeakFor(const Caller& caller, grpc::ClientContext& context) {
  context.AddMetadata(kPrincipalHeader, caller.principal);
  context.AddMetadata(kRoleHeader, access::v1::Role_Name(caller.role));
  if (caller.trace != nullptr) {
    context.AddMetadata(kTraceparentHeader, Traceparent(*caller.trace));
    if (!caller.trace->state.empty()) {
      context.AddMetadata(kTracestateHeader, caller.trace->state);
    }
  }
}

}  // namespace orewatch::rpc
