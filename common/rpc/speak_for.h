// How a service of ours tells its neighbours on whose behalf it asks.
#pragma once

#include "common/rpc/caller.h"

namespace grpc {
class ClientContext;
}

namespace orewatch::rpc {

// Who the caller is, and what they may do: believed of services that may speak for others, and of nobody else.
inline constexpr char kPrincipalHeader[] = "x-orewatch-principal";
inline constexpr char kRoleHeader[] = "x-orewatch-role";

// With the trace that the caller's call is part of. Before the call starts.
void SpeakFor(const Caller& caller, grpc::ClientContext& context);

}  // namespace orewatch::rpc
