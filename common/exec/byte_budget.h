// Memory that work of one kind may take together.
#pragma once

#include <cstddef>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace orewatch {

// Thread-safe; never blocks. Outlives its holdings.
class ByteBudget {
 public:
  explicit ByteBudget(size_t total) : free_(total) {}
  ByteBudget(const ByteBudget&) = delete;
  ByteBudget& operator=(const ByteBudget&) = delete;

  // What one piece of work holds, and gives back at its end. Thread-compatible.
  class Holding {
   public:
    explicit Holding(ByteBudget& budget) : budget_(budget) {}
    ~Holding() { budget_.Exchange(held_, 0); }
    Holding(const Holding&) = delete;
    Holding& operator=(const Holding&) = delete;
    // From now on it holds so much; false: there is not enough, and it holds what it did.
    bool Resize(size_t bytes) {
      const bool enough = budget_.Exchange(held_, bytes);
      held_ = enough ? bytes : held_;
      return enough;
    }

   private:
    ByteBudget& budget_;
    size_t held_ = 0;
  };

 private:
  bool Exchange(size_t held, size_t wanted) {
    absl::MutexLock lock(&mutex_);
    if (wanted > held && wanted - held > free_) {
      return false;
    }
    free_ = free_ + held - wanted;
    return true;
  }

  absl::Mutex mutex_;
  size_t free_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch
