// When a process that ends waits for nobody any more. Process-wide, as its end is.
#pragma once

#include <atomic>
#include <chrono>
#include <limits>

#include "absl/time/time.h"

namespace orewatch {
namespace patience_internal {

// Nanoseconds of the steady clock.
inline std::atomic<int64_t> end{std::numeric_limits<int64_t>::max()};
inline int64_t Now() { return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1); }

}  // namespace patience_internal

// Thread-safe. Whoever waits for what may never answer looks at PatienceEnded now and then.
inline void EndPatienceIn(absl::Duration time) {
  patience_internal::end.store(patience_internal::Now() + absl::ToInt64Nanoseconds(time));
}
inline bool PatienceEnded() { return patience_internal::Now() >= patience_internal::end.load(); }

}  // namespace orewatch
