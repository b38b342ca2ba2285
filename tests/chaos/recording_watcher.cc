#include "tests/chaos/recording_watcher.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/grpc_status.h"
#include "tests/chaos/feed.h"

namespace orewatch::testing {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(20);

}  // namespace

RecordingWatcher::RecordingWatcher(std::string name, uint64_t seed, std::vector<std::string> replicas)
    : random_(seed), replicas_(std::move(replicas)), record_{.watcher = std::move(name)}, thread_([this] {
        WatchUntilStopped();
      }) {}

bool RecordingWatcher::AwaitRevision(int64_t revision, absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  const auto there = [this, revision]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return reached_ >= revision; };
  return mutex_.AwaitWithTimeout(absl::Condition(&there), patience);
}

void RecordingWatcher::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    if (context_ != nullptr) {
      context_->TryCancel();
    }
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

void RecordingWatcher::WatchUntilStopped() {
  ReplicaCaller caller(replicas_, random_);
  for (;;) {
    WatchOnce(caller);
    caller.Turn();
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopped_), kPause)) {
      return;
    }
  }
}

void RecordingWatcher::WatchOnce(ReplicaCaller& caller) {
  constexpr int64_t kMostSets = 3000;
  int64_t sets_to_come = Between(1, kMostSets, random_);
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  {
    absl::MutexLock lock(&mutex_);
    context_ = &context;
    if (stopped_) {
      context.TryCancel();
    }
  }
  registry::v1::WatchRequest request;
  *request.mutable_after() = last_;
  request.set_after_digest(digest_);
  const auto reader = caller.registry().Watch(&context, request);
  registry::v1::ChangeSet set;
  while (sets_to_come > 0 && ReadSet(*reader, set) && Take(set)) {
    --sets_to_come;
  }
  const bool left = sets_to_come == 0;
  context.TryCancel();
  const absl::Status status = rpc::FromGrpc(reader->Finish());
  absl::MutexLock lock(&mutex_);
  context_ = nullptr;
  if (!left && !stopped_ && !absl::IsUnavailable(status) && !absl::IsCancelled(status)) {
    record_.errors.push_back(absl::StrCat("after revision ", last_.number(), ": ", status.ToString()));
  }
}

bool RecordingWatcher::Take(const registry::v1::ChangeSet& set) {
  record_.sets.push_back({set.revision(), FingerprintOf(set)});
  last_ = set.revision();
  digest_ = set.digest();
  absl::MutexLock lock(&mutex_);
  reached_ = last_.number();
  return !stopped_;
}

}  // namespace orewatch::testing
