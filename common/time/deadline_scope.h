// Until when the work of a thread is wanted, said to what it calls without passing it through every layer.
#pragma once

#include <algorithm>

#include "absl/time/time.h"

namespace orewatch {

// While it lives, what this thread does is wanted until `deadline` at most; scopes may be nested. Storage stops its
// statements then.
class DeadlineScope {
 public:
  explicit DeadlineScope(absl::Time deadline) : outer_(current_) { current_ = std::min(outer_, deadline); }
  ~DeadlineScope() { current_ = outer_; }
  DeadlineScope(const DeadlineScope&) = delete;
  DeadlineScope& operator=(const DeadlineScope&) = delete;

  // The end of time outside of any.
  static absl::Time Current() { return current_; }

 private:
  static inline thread_local absl::Time current_ = absl::InfiniteFuture();
  const absl::Time outer_;
};

}  // namespace orewatch
