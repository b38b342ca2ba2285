#include "common/auth/refresher.h"

#include <utility>

namespace orewatch::auth {

Refresher::Refresher(const Clock& clock, std::function<absl::Time()> due_at, std::function<void()> refresh)
    : clock_(clock), due_at_(std::move(due_at)), refresh_(std::move(refresh)), thread_([this] { Run(); }) {}

Refresher::~Refresher() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    woken_ = true;
  }
  thread_.join();
}

void Refresher::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

void Refresher::Run() {
  for (;;) {
    const absl::Duration wait = due_at_() - clock_.Now();
    {
      absl::MutexLock lock(&mutex_);
      if (wait > absl::ZeroDuration()) {
        mutex_.AwaitWithTimeout(absl::Condition(&woken_), wait);
      }
      if (stopped_) {
        return;
      }
      woken_ = false;
    }
    if (due_at_() <= clock_.Now()) {
      refresh_();
    }
  }
}

}  // namespace orewatch::auth
