// The right to send, of which one process at a time has one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/time/time.h"

namespace orewatch::alerting {

struct Lease {
  int64_t epoch = 0;
  // By our clock; no call may last longer.
  absl::Time expires = absl::InfiniteFuture();
};

// Unset: another has it. Thread-safe.
using GetLease = std::function<std::optional<Lease>()>;

}  // namespace orewatch::alerting
