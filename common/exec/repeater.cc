#include "common/exec/repeater.h"

#include <utility>

namespace orewatch {

Repeater::Repeater(std::function<absl::Duration()> task, absl::Duration first)
    : task_(std::move(task)), thread_([this, first] { Run(first); }) {}

Repeater::~Repeater() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  thread_.join();
}

void Repeater::Run(absl::Duration pause) {
  for (;; pause = task_()) {
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopped_), pause)) {
      return;
    }
  }
}

}  // namespace orewatch
