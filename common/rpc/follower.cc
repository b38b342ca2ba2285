#include "common/rpc/follower.h"

#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "common/trace/trace.h"

namespace orewatch::rpc {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(2);

}  // namespace

FollowerThread::FollowerThread(std::string name, std::function<absl::Status(grpc::ClientContext&)> run_once)
    : name_(std::move(name)), run_once_(std::move(run_once)), pause_(kFirstPause), thread_([this] { Run(); }) {}

void FollowerThread::NoteProgress() {
  absl::MutexLock lock(&mutex_);
  pause_ = kFirstPause;
}

void FollowerThread::Stop() {
  {
    sleeper_.Stop();
    absl::MutexLock lock(&mutex_);
    if (context_ != nullptr) {
      context_->TryCancel();
    }
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

void FollowerThread::Run() {
  for (;;) {
    // Whatever an attempt asks and says is one trace.
    const TraceScope scope(BeginTrace());
    const auto context = std::make_shared<grpc::ClientContext>();
    if (!BeginAttempt(context)) {
      return;
    }
    PauseBeforeNext(run_once_(*context));
  }
}

bool FollowerThread::BeginAttempt(const std::shared_ptr<grpc::ClientContext>& context) {
  absl::MutexLock lock(&mutex_);
  context_ = context;
  return !sleeper_.stopped();
}

absl::Duration FollowerThread::EndAttempt() {
  absl::MutexLock lock(&mutex_);
  context_ = nullptr;
  return std::exchange(pause_, std::min(pause_ * 2, kLongestPause));
}

void FollowerThread::PauseBeforeNext(const absl::Status& status) {
  const absl::Duration pause = EndAttempt();
  if (sleeper_.stopped()) {
    return;
  }
  log::Info("stream ended; following again",
            {{"stream", name_}, {"status", status.ToString()}, {"pause_ms", absl::ToDoubleMilliseconds(pause)}});
  sleeper_.SleepThrough(pause);
}

}  // namespace orewatch::rpc
