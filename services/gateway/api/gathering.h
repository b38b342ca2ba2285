// Parts that come in any order, and what to do when all are there.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/gateway/client/neighbours.h"

namespace orewatch::gateway {

// Thread-safe.
template <typename Parts>
class Gathering {
 public:
  // `current`: every part came, and none is older than what its neighbour was known to have.
  using Complete = std::function<void(Parts parts, bool current)>;
  Gathering(Parts parts, int expected, Complete complete)
      : missing_(expected), parts_(std::move(parts)), complete_(std::move(complete)) {}

  // A callback that files its answer where `place` says. One of those that are expected.
  template <typename T, typename Place>
  static Done<T> Into(const std::shared_ptr<Gathering>& self, Place place) {
    return [self, place](Part<T> answer) {
      {
        absl::MutexLock lock(&self->mutex_);
        self->current_ = self->current_ && answer.ok() && answer.current;
        place(self->parts_) = std::move(answer);
        if (--self->missing_ > 0) {
          return;
        }
      }
      self->complete_(std::move(self->parts_), self->current_);
    };
  }

 private:
  absl::Mutex mutex_;
  int missing_ ABSL_GUARDED_BY(mutex_);
  bool current_ = true;
  Parts parts_;
  Complete complete_;
};

}  // namespace orewatch::gateway
