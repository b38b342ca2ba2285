// One caller of several replicas of the registry.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/chaos/run.h"
#include "tests/testing/clients.h"

namespace orewatch::testing {

// Has a channel to each, which repeats nothing by itself. Thread-compatible.
class ReplicaCaller {
 public:
  ReplicaCaller(const std::vector<std::string>& addresses, Random& random);

  RegistryStub& registry() { return *stubs_[current_]; }
  // One attempt at the present replica. It waits for a connection: a caller who does not looks after its sockets only
  // every five seconds.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (RegistryStub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    LimitCall(context, kAttempt);
    Response response;
    const absl::Status status = rpc::FromGrpc((registry().*method)(&context, request, &response));
    return status.ok() ? absl::StatusOr<Response>(std::move(response)) : status;
  }
  // To another replica, where there is one.
  void Turn();
  // The next attempt may fare better: the server was away, full or slow.
  static bool IsTransient(const absl::Status& status);

 private:
  static constexpr absl::Duration kAttempt = absl::Seconds(2);

  std::vector<std::unique_ptr<RegistryStub>> stubs_;
  Random& random_;
  size_t current_ = 0;
};

}  // namespace orewatch::testing
