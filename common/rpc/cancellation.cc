#include "common/rpc/cancellation.h"

#include <utility>

namespace orewatch::rpc {

bool Cancellation::cancelled() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->cancelled;
}

void Cancellation::Cancel() const {
  std::vector<std::function<void()>> hooks;
  {
    absl::MutexLock lock(&state_->mutex);
    state_->cancelled = true;
    hooks.swap(state_->hooks);
  }
  for (const auto& hook : hooks) {
    hook();
  }
}

void Cancellation::OnCancel(std::function<void()> hook) const {
  {
    absl::MutexLock lock(&state_->mutex);
    if (!state_->cancelled) {
      state_->hooks.push_back(std::move(hook));
      return;
    }
  }
  hook();
}

}  // namespace orewatch::rpc
