#include "services/gateway/client/positions.h"

#include <functional>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/exec/repeater.h"
#include "common/rpc/deadline.h"
#include "common/rpc/follower.h"
#include "services/gateway/client/head_calls.h"

namespace orewatch::gateway {
namespace {

constexpr absl::Duration kAskEvery = absl::Seconds(1);
// Of a single question; less than what is trusted, so that one lost answer does no harm.
constexpr absl::Duration kAskTimeout = absl::Seconds(1);

struct Followed {
  std::shared_ptr<const HeadCalls> calls;
  KnownPosition* position;
};

}  // namespace

// One stream, opened again for ever.
class Positions::Follower {
 public:
  Follower(const char* name, const Followed& followed, const Clock& clock)
      : followed_(followed), clock_(clock), thread_(name, [this](grpc::ClientContext& context) {
          const absl::Status ended = FollowOnce(context);
          followed_.position->Lost();
          return ended;
        }) {}
  void Stop() { thread_.Stop(); }

 private:
  absl::Status FollowOnce(grpc::ClientContext& context) {
    grpc::ClientContext asking;
    rpc::SetTimeout(asking, kAskTimeout);
    absl::Notification answered;
    absl::Status status;
    Head head;
    followed_.calls->Ask(asking, [&](const absl::Status& got, const Head& at) {
      status = got;
      head = at;
      answered.Notify();
    });
    answered.WaitForNotification();
    if (!status.ok()) {
      return status;
    }
    thread_.NoteProgress();
    Hear(head);
    return followed_.calls->Follow(context, head, [this](const Head& at) { Hear(at); });
  }
  void Hear(const Head& head) { followed_.position->Heard(head.lineage, head.number, clock_.Now()); }

  const Followed followed_;
  const Clock& clock_;
  rpc::FollowerThread thread_;
};

// Asks all of them, again and again.
class Positions::Heartbeat {
 public:
  Heartbeat(std::vector<Followed> followed, const Clock& clock) : followed_(std::move(followed)), clock_(clock) {
    repeater_.emplace(
        [this] {
          AskAll();
          return kAskEvery;
        },
        kAskEvery);
  }
  ~Heartbeat() {
    repeater_.reset();
    // What was asked is answered at its deadline at the latest.
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Heartbeat::AllAnswered));
  }

 private:
  bool AllAnswered() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return asked_ == 0; }

  void AskAll() {
    {
      absl::MutexLock lock(&mutex_);
      asked_ += static_cast<int>(followed_.size());
    }
    for (const Followed& followed : followed_) {
      Ask(followed);
    }
  }

  void Ask(const Followed& followed) {
    auto context = std::make_shared<grpc::ClientContext>();
    rpc::SetTimeout(*context, kAskTimeout);
    grpc::ClientContext& asking = *context;
    followed.calls->Ask(asking, [this, context = std::move(context), position = followed.position](
                                    const absl::Status& status, const Head& head) {
      if (status.ok()) {
        position->Confirmed(head.lineage, head.number, clock_.Now());
      }
      absl::MutexLock lock(&mutex_);
      --asked_;
    });
  }

  const std::vector<Followed> followed_;
  const Clock& clock_;
  absl::Mutex mutex_;
  int asked_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<Repeater> repeater_;
};

Positions::Positions(const Clock& clock) : clock_(clock) {}

Positions::~Positions() { Stop(); }

void Positions::Start(const Channels& channels) {
  const Followed registry = {RegistryHead(channels.registry), &registry_};
  const Followed risk = {RiskHead(channels.risk), &risk_};
  const Followed alerting = {AlertingHead(channels.alerting), &alerting_};
  followers_.push_back(std::make_unique<Follower>("gateway: registry", registry, clock_));
  followers_.push_back(std::make_unique<Follower>("gateway: risk", risk, clock_));
  followers_.push_back(std::make_unique<Follower>("gateway: alerting", alerting, clock_));
  heartbeat_ = std::make_unique<Heartbeat>(std::vector<Followed>{registry, risk, alerting}, clock_);
}

void Positions::Stop() {
  heartbeat_.reset();
  for (const auto& follower : followers_) {
    follower->Stop();
  }
}

Stamps Positions::StampsAt(absl::Time now) const {
  return {registry_.StampAt(now), risk_.StampAt(now), alerting_.StampAt(now)};
}

}  // namespace orewatch::gateway
