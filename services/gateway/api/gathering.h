// Parts that come in any order, and what to do when all are there.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/cancellation.h"
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
    return [self, place](Part<T> answer) { self->File(std::move(answer), place, /*is_last=*/false); };
  }
  // The same of a part that may decide alone: where `decides` says so of its status nobody waits for the others, which
  // are given up.
  template <typename T, typename Place, typename Decides>
  static Done<T> Into(const std::shared_ptr<Gathering>& self, const rpc::Cancellation& others, Place place,
                      Decides decides) {
    return [self, others, place, decides](Part<T> answer) {
      const bool decided = decides(answer.status());
      self->File(std::move(answer), place, decided);
      if (decided) {
        others.Cancel();
      }
    };
  }

 private:
  template <typename T, typename Place>
  void File(Part<T> answer, const Place& place, bool is_last) {
    {
      absl::MutexLock lock(&mutex_);
      if (missing_ == 0) {
        // It has been decided without this part.
        return;
      }
      current_ = current_ && answer.ok() && answer.current;
      place(parts_) = std::move(answer);
      missing_ = is_last ? 0 : missing_ - 1;
      if (missing_ > 0) {
        return;
      }
    }
    complete_(std::move(parts_), current_);
  }

  absl::Mutex mutex_;
  int missing_ ABSL_GUARDED_BY(mutex_);
  bool current_ = true;
  Parts parts_;
  Complete complete_;
};

}  // namespace orewatch::gateway
