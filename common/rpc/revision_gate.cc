#include "common/rpc/revision_gate.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"

namespace orewatch::rpc {
namespace {

absl::Status NotReached(int64_t revision, int64_t reached) {
  return MakeError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED",
                   absl::StrCat("revision ", revision, " has not been applied yet; this service is at ", reached),
                   {{"min_revision", absl::StrCat(revision)}, {"revision", absl::StrCat(reached)}});
}

}  // namespace

RevisionGate::RevisionGate() : timer_([this] { ExpireUntilClosed(); }) {}

RevisionGate::~RevisionGate() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  timer_.join();
  absl::MutexLock lock(&mutex_);
  for (auto& [deadline, parked] : parked_) {
    parked.done(NotReached(parked.revision, reached_));
  }
}

void RevisionGate::Advance(int64_t revision) {
  std::vector<Parked> ready;
  {
    absl::MutexLock lock(&mutex_);
    if (revision <= reached_) {
      return;
    }
    reached_ = revision;
    for (auto it = parked_.begin(); it != parked_.end();) {
      if (it->second.revision <= revision) {
        ready.push_back(std::move(it->second));
        it = parked_.erase(it);
      } else {
        ++it;
      }
    }
  }
  for (const Parked& parked : ready) {
    parked.done(absl::OkStatus());
  }
}

void RevisionGate::Reset(int64_t revision) {
  {
    absl::MutexLock lock(&mutex_);
    reached_ = revision - 1;
  }
  Advance(revision);
}

int64_t RevisionGate::reached() const {
  absl::MutexLock lock(&mutex_);
  return reached_;
}

void RevisionGate::Await(int64_t revision, absl::Time deadline, std::function<void(absl::Status)> done) {
  absl::Status answer;
  {
    absl::MutexLock lock(&mutex_);
    if (revision > reached_) {
      if (closed_ || deadline <= absl::Now()) {
        answer = NotReached(revision, reached_);
      } else if (parked_.size() >= kMaxParked) {
        answer = OverloadError("TOO_MANY_WAITING", "too many callers wait for a revision", absl::Seconds(1));
      } else {
        parked_.emplace(deadline, Parked{revision, std::move(done)});
        return;
      }
    }
  }
  done(answer);
}

void RevisionGate::ExpireUntilClosed() {
  for (;;) {
    std::vector<Parked> expired;
    int64_t reached = 0;
    {
      absl::MutexLock lock(&mutex_);
      const absl::Time next = parked_.empty() ? absl::InfiniteFuture() : parked_.begin()->first;
      const auto changed = [this, next]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
        return closed_ || (!parked_.empty() && parked_.begin()->first < next);
      };
      mutex_.AwaitWithDeadline(absl::Condition(&changed), next);
      if (closed_) {
        return;
      }
      reached = reached_;
      const auto due = parked_.upper_bound(absl::Now());
      for (auto it = parked_.begin(); it != due; ++it) {
        expired.push_back(std::move(it->second));
      }
      parked_.erase(parked_.begin(), due);
    }
    for (const Parked& parked : expired) {
      parked.done(NotReached(parked.revision, reached));
    }
  }
}

}  // namespace orewatch::rpc
