#include "common/auth/refresher.h"

#include <utility>

namespace orewatch::auth {

Refresher::Refresher(const Clock& clock, std::function<absl::Time()> due_at, std::function<void()> refresh)
    : clock_(clock), due_at_(std::move(due_at)), refresh_(std::move(refresh)), thread_([this] { Run(); }) {}

Refresher::~Refresher() {
  sleeper_.Stop();
  thread_.join();
}

void Refresher::Run() {
  while (sleeper_.SleepFor(due_at_() - clock_.Now())) {
    if (due_at_() <= clock_.Now()) {
      refresh_();
    }
  }
}

}  // namespace orewatch::auth
