#include "common/exec/executor.h"

#include <utility>

namespace orewatch {

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

bool Executor::TrySubmit(std::function<void()> task) {
  absl::MutexLock lock(&mutex_);
  if (closed_ || tasks_.size() >= queue_limit_) {
    return false;
  }
  tasks_.push_back(std::move(task));
  awake_.Signal();
  return true;
}

size_t Executor::queued() const {
  absl::MutexLock lock(&mutex_);
  return tasks_.size();
}

void Executor::RunTasks() {
  for (;;) {
    std::function<void()> task;
    {
      absl::MutexLock lock(&mutex_);
      while (!closed_ && tasks_.empty()) {
        awake_.Wait(&mutex_);
      }
      if (tasks_.empty()) {
        return;
      }
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace orewatch
