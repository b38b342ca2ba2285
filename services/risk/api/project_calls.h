// The calls that are computed from projects and partners, each for the eyes of its caller.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "common/exec/executor.h"
#include "common/rpc/service.h"
#include "services/risk/feed/registry_feed.h"

namespace orewatch::risk {

// Thread-safe. Computes on threads of its own, since an outlook takes up to a tenth of a second; what cannot wait in a
// short queue is refused.
class ProjectCalls {
 public:
  using GotSnapshot = std::function<void(absl::StatusOr<Snapshot>)>;
  // Gives a snapshot of at least that revision, at once or later.
  using AwaitSnapshot = std::function<void(const rpc::CallContext&, int64_t min_revision, GotSnapshot)>;

  ProjectCalls();
  void Bind(const AwaitSnapshot& await, rpc::Service& service);

 private:
  template <typename Request, typename Response>
  void BindCall(const char* method, const AwaitSnapshot& await,
                absl::StatusOr<Response> (*compute)(const Request&, const std::string& principal, const Snapshot&),
                rpc::Service& service);

  Executor executor_;
};

}  // namespace orewatch::risk
