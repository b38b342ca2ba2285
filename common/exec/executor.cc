#include "common/exec/executor.h"

#include <algorithm>
#include <utility>

#include "common/time/steady.h"

namespace orewatch {
namespace {

constexpr size_t kTurnOfTheLast = 8;

}  // namespace

Executor::Executor(int threads, size_t queue_limit) : queue_limit_(queue_limit) {
  threads_.reserve(static_cast<size_t>(threads));
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { RunTasks(); });
  }
}

Executor::~Executor() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    awake_.SignalAll();
  }
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

bool Executor::TrySubmit(std::function<void()> task, size_t lane, size_t places) {
  const absl::Time now = SteadyNow();
  absl::MutexLock lock(&mutex_);
  if (closed_ || queued_ >= std::min(places, queue_limit_)) {
    return false;
  }
  lanes_.at(lane).push_back({std::move(task), now});
  ++queued_;
  awake_.Signal();
  return true;
}

size_t Executor::queued() const {
  absl::MutexLock lock(&mutex_);
  return queued_;
}

absl::Time Executor::WaitingSince(size_t lane) const {
  absl::Time oldest = absl::InfiniteFuture();
  absl::MutexLock lock(&mutex_);
  for (size_t i = 0; i <= lane; ++i) {
    if (!lanes_.at(i).empty()) {
      oldest = std::min(oldest, lanes_.at(i).front().submitted);
    }
  }
  return oldest;
}

std::function<void()> Executor::TakeTask() {
  const auto waits = [](const std::deque<Task>& lane) { return !lane.empty(); };
  auto chosen = std::find_if(lanes_.begin(), lanes_.end(), waits);
  if (++taken_ % kTurnOfTheLast == 0) {
    chosen = std::find_if(lanes_.rbegin(), lanes_.rend(), waits).base() - 1;
  }
  std::function<void()> task = std::move(chosen->front().run);
  chosen->pop_front();
  --queued_;
  return task;
}

void Executor::RunTasks() {
  for (;;) {
    std::function<void()> task;
    {
      absl::MutexLock lock(&mutex_);
      while (!closed_ && queued_ == 0) {
        awake_.Wait(&mutex_);
      }
      if (queued_ == 0) {
        return;
      }
      task = TakeTask();
    }
    task();
  }
}

}  // namespace orewatch
