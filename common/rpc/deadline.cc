#include "common/rpc/deadline.h"

#include "common/time/steady.h"

namespace orewatch::rpc {

namespace {

absl::Time TransportNow() { return absl::FromChrono(std::chrono::system_clock::now()); }

}  // namespace

// gRPC writes "no deadline" as the end of its clock, which absl would take for a date.
absl::Time DeadlineOf(const grpc::ServerContextBase& transport) {
  constexpr absl::Duration kLongest = absl::Hours(24 * 365);
  const absl::Duration left = absl::FromChrono(transport.deadline()) - TransportNow();
  return left > kLongest ? absl::InfiniteFuture() : SteadyNow() + left;
}

std::chrono::system_clock::time_point ToTransport(absl::Time time) {
  return absl::ToChronoTime(TransportNow() + (time - SteadyNow()));
}

void SetDeadline(grpc::ClientContext& context, absl::Time deadline) { context.set_deadline(ToTransport(deadline)); }

void SetTimeout(grpc::ClientContext& context, absl::Duration timeout) {
  context.set_deadline(absl::ToChronoTime(TransportNow() + timeout));
}

}  // namespace orewatch::rpc
