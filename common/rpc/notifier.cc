#include "common/rpc/notifier.h"

#include <utility>
#include <vector>

namespace orewatch::rpc {

Notifier::Subscription Notifier::Subscribe(std::function<void()> waker) {
  absl::MutexLock lock(&state_->mutex);
  const int64_t id = state_->next_id++;
  state_->wakers.emplace(id, std::move(waker));
  return {nullptr, [state = state_, id](void*) {
            absl::MutexLock relock(&state->mutex);
            state->wakers.erase(id);
          }};
}

void Notifier::NotifyAll() {
  std::vector<std::function<void()>> wakers;
  {
    absl::MutexLock lock(&state_->mutex);
    wakers.reserve(state_->wakers.size());
    for (const auto& [id, waker] : state_->wakers) {
      wakers.push_back(waker);
    }
  }
  for (const auto& waker : wakers) {
    waker();
  }
}

size_t Notifier::subscribers() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->wakers.size();
}

}  // namespace orewatch::rpc
