#include "services/registry/store/commit_queue.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "common/time/steady.h"

namespace orewatch::registry {
namespace {

constexpr absl::Duration kRetryAfter = absl::Milliseconds(200);

}  // namespace

CommitQueue::CommitQueue(std::function<void(const Group&)> commit_group)
    : commit_group_(std::move(commit_group)), thread_([this] { CommitUntilClosed(); }) {}

CommitQueue::~CommitQueue() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  thread_.join();
}

absl::StatusOr<Committed> CommitQueue::Commit(const Author& author, const Write& write,
                                              const std::vector<EntryKey>& touched) {
  Waiting waiting{author, write, touched};
  {
    absl::MutexLock lock(&mutex_);
    if (closed_ || waiting_.size() >= kMaxWaiting) {
      return OverloadError("OVERLOADED", "too many writes wait for storage", kRetryAfter);
    }
    waiting_.push_back(&waiting);
  }
  waiting.done.WaitForNotification();
  return std::move(waiting.result);
}

void CommitQueue::Observe(std::function<void(absl::Duration)> observe) {
  absl::MutexLock lock(&mutex_);
  observe_ = std::move(observe);
}

void CommitQueue::CommitAndObserve(const Group& group) {
  const absl::Time begin = SteadyNow();
  commit_group_(group);
  const absl::Duration took = SteadyNow() - begin;
  const bool changed = std::any_of(group.begin(), group.end(), [](const Waiting* waiting) {
    return waiting->result.ok() && waiting->result->changed;
  });
  absl::MutexLock lock(&mutex_);
  if (changed && observe_ != nullptr) {
    observe_(took);
  }
}

void CommitQueue::CommitUntilClosed() {
  for (;;) {
    Group group;
    {
      absl::MutexLock lock(&mutex_);
      const auto awake = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return closed_ || !waiting_.empty(); };
      mutex_.Await(absl::Condition(&awake));
      if (waiting_.empty()) {
        return;
      }
      group.assign(waiting_.begin(), waiting_.end());
      waiting_.clear();
    }
    CommitAndObserve(group);
    for (Waiting* waiting : group) {
      waiting->done.Notify();
    }
  }
}

}  // namespace orewatch::registry
