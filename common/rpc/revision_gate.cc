#include "common/rpc/revision_gate.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/steady.h"

namespace orewatch::rpc {
namespace {

absl::Status NotReached(int64_t revision, int64_t reached) {
  return MakeError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED",
                   absl::StrCat("revision ", revision, " has not been applied yet; this service is at ", reached),
                   {{"min_revision", absl::StrCat(revision)}, {"revision", absl::StrCat(reached)}});
}

absl::Status AboveHead(int64_t revision, int64_t head) {
  return MakeError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD",
                   absl::StrCat("revision ", revision, " does not exist; the head is ", head),
                   {{"head", absl::StrCat(head)}});
}

// Nobody waits for a revision that may never have been.
absl::Status HeadUnknown(int64_t revision, const absl::Status& why) {
  return MakeError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED",
                   absl::StrCat("revision ", revision, " has not been applied yet, and the registry does not say ",
                                "whether it exists: ", std::string(why.message())),
                   {{"min_revision", absl::StrCat(revision)}});
}

absl::Status Gone() { return MakeError(absl::StatusCode::kCancelled, "CANCELLED", "the caller has gone away"); }

}  // namespace

RevisionGate::RevisionGate(absl::Duration longest_wait)
    : longest_wait_(longest_wait), timer_([this] { ExpireUntilClosed(); }) {}

RevisionGate::~RevisionGate() {
  Close();
  timer_.join();
}

void RevisionGate::Close() {
  Queue left;
  int64_t reached = 0;
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    sooner_.SignalAll();
    left.swap(parked_);
    reached = reached_;
  }
  for (const auto& [ticket, parked] : left) {
    parked.done(NotReached(parked.revision, reached));
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

size_t RevisionGate::parked() const {
  absl::MutexLock lock(&mutex_);
  return parked_.size();
}

void RevisionGate::Await(const CallContext& context, int64_t revision, Done done) {
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): the call may end, and its context, once it is parked.
  const CallContext call = context;
  const Ticket ticket{std::min(call.deadline(), SteadyNow() + longest_wait_), next_ticket_.fetch_add(1)};
  absl::Status answer;
  if (Park(ticket, revision, done, answer)) {
    call.OnCancel([this, ticket] { Leave(ticket); });
  } else {
    done(answer);
  }
}

void RevisionGate::AwaitExisting(const CallContext& context, int64_t revision, const AskHead& ask, Done done) {
  if (revision <= reached()) {
    return done(absl::OkStatus());
  }
  ask(context, [this, context, revision, done = std::move(done)](const absl::StatusOr<int64_t>& head) {
    if (!head.ok()) {
      return done(HeadUnknown(revision, head.status()));
    }
    *head < revision ? done(AboveHead(revision, *head)) : Await(context, revision, done);
  });
}

bool RevisionGate::Park(const Ticket& ticket, int64_t revision, Done& done, absl::Status& answer) {
  absl::MutexLock lock(&mutex_);
  if (revision <= reached_) {
    return false;
  }
  if (closed_ || ticket.first <= SteadyNow()) {
    answer = NotReached(revision, reached_);
    return false;
  }
  if (parked_.size() >= kMaxParked) {
    answer = OverloadError("TOO_MANY_WAITING", "too many callers wait for a revision", absl::Seconds(1));
    return false;
  }
  if (parked_.emplace(ticket, Parked{revision, std::move(done)}).first == parked_.begin()) {
    sooner_.SignalAll();
  }
  return true;
}

void RevisionGate::Leave(const Ticket& ticket) {
  Queue::node_type left;
  {
    absl::MutexLock lock(&mutex_);
    left = parked_.extract(ticket);
  }
  if (!left.empty()) {
    left.mapped().done(Gone());
  }
}

absl::Duration RevisionGate::UntilNext() const {
  return parked_.empty() ? absl::InfiniteDuration() : parked_.begin()->first.first - SteadyNow();
}

void RevisionGate::ExpireUntilClosed() {
  for (;;) {
    std::vector<Parked> expired;
    int64_t reached = 0;
    {
      absl::MutexLock lock(&mutex_);
      for (absl::Duration left = UntilNext(); !closed_ && left > absl::ZeroDuration(); left = UntilNext()) {
        sooner_.WaitFor(mutex_, left);
      }
      if (closed_) {
        return;
      }
      reached = reached_;
      for (const absl::Time now = SteadyNow(); !parked_.empty() && parked_.begin()->first.first <= now;) {
        expired.push_back(std::move(parked_.extract(parked_.begin()).mapped()));
      }
    }
    for (const Parked& parked : expired) {
      parked.done(NotReached(parked.revision, reached));
    }
  }
}

}  // namespace orewatch::rpc
