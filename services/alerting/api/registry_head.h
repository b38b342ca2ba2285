// Whether a revision exists at all.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "common/rpc/service.h"

namespace orewatch::alerting {

// Thread-safe.
class RegistryHead {
 public:
  virtual ~RegistryHead() = default;
  // Asks for the registry's newest revision, as long as the call is wanted, and no longer than a few seconds. `done`
  // runs once, from any thread.
  virtual void Ask(const rpc::CallContext& call, std::function<void(const absl::StatusOr<int64_t>&)> done) const = 0;
};

}  // namespace orewatch::alerting
