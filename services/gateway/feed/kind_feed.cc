#include "services/gateway/feed/kind_feed.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/deadline.h"
#include "common/rpc/grpc_status.h"
#include "common/status/status.h"
#include "orewatch/alerting/v1/alerting.grpc.pb.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"
#include "services/gateway/aggregate/section.h"
#include "services/gateway/client/head_calls.h"
#include "services/gateway/feed/stream_reader.h"

namespace orewatch::gateway {
namespace {

using v1::FeedPosition;
using v1::SectionStatus;
using v1::WatchFeedResponse;

constexpr absl::Duration kAskTimeout = absl::Seconds(2);
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(2);

// What differs from kind to kind: the stub and its stream, where it stands in a position, and how a message of it is
// told.

struct Changes {
  using Message = registry::v1::ChangeSet;
  using Stub = registry::v1::Registry::Stub;
  using Request = registry::v1::WatchRequest;
  static constexpr v1::FeedKind kKind = v1::FEED_KIND_CHANGES;
  static std::unique_ptr<Stub> StubTo(const std::shared_ptr<grpc::Channel>& channel) {
    return registry::v1::Registry::NewStub(channel);
  }
  static std::shared_ptr<const HeadCalls> HeadOf(const std::shared_ptr<grpc::Channel>& channel) {
    return RegistryHead(channel);
  }
  static bool Stands(const FeedPosition& position) { return position.has_changes(); }
  static void StandAt(const Head& head, FeedPosition& position) {
    position.mutable_changes()->set_lineage(head.lineage);
    position.mutable_changes()->set_number(head.number);
    position.set_changes_digest(head.digest);
  }
  static Request RequestFrom(const FeedPosition& position) {
    Request request;
    *request.mutable_after() = position.changes();
    request.set_after_digest(position.changes_digest());
    return request;
  }
  static void Open(Stub& stub, grpc::ClientContext* context, const Request* request,
                   grpc::ClientReadReactor<Message>* reader) {
    stub.async()->Watch(context, request, reader);
  }
  // False: it only says how far the stream has come.
  static bool Tell(Message& message, FeedPosition& position, WatchFeedResponse& out) {
    if (message.last_chunk()) {
      *position.mutable_changes() = message.revision();
      position.set_changes_digest(message.digest());
    }
    if (message.bookmark()) {
      return false;
    }
    out.mutable_changes()->Swap(&message);
    return true;
  }
};

struct Scores {
  using Message = risk::v1::WatchScoresResponse;
  using Stub = risk::v1::Risk::Stub;
  using Request = risk::v1::WatchScoresRequest;
  static constexpr v1::FeedKind kKind = v1::FEED_KIND_SCORES;
  static std::unique_ptr<Stub> StubTo(const std::shared_ptr<grpc::Channel>& channel) {
    return risk::v1::Risk::NewStub(channel);
  }
  static std::shared_ptr<const HeadCalls> HeadOf(const std::shared_ptr<grpc::Channel>& channel) {
    return RiskHead(channel);
  }
  static bool Stands(const FeedPosition& position) { return position.has_scores(); }
  static void StandAt(const Head& head, FeedPosition& position) {
    position.mutable_scores()->set_lineage(head.lineage);
    position.mutable_scores()->set_number(head.number);
  }
  // Risk would wait until it comes there, which it may never do. One that is behind the registry says nothing.
  static bool IsBeyond(const FeedPosition& position, const Head& head, const LastKnown& registry) {
    return position.scores().lineage() == head.lineage && position.scores().number() > head.number &&
           position.scores().lineage() == registry.lineage && position.scores().number() > registry.number;
  }
  static Request RequestFrom(const FeedPosition& position) {
    Request request;
    *request.mutable_after() = position.scores();
    return request;
  }
  static void Open(Stub& stub, grpc::ClientContext* context, const Request* request,
                   grpc::ClientReadReactor<Message>* reader) {
    stub.async()->WatchScores(context, request, reader);
  }
  static bool Tell(Message& message, FeedPosition& position, WatchFeedResponse& out) {
    if (message.has_bookmark()) {
      *position.mutable_scores() = message.bookmark();
    }
    out.mutable_scores()->Swap(&message);
    return true;
  }
};

struct Alerts {
  using Message = alerting::v1::WatchAlertsResponse;
  using Stub = alerting::v1::Alerting::Stub;
  using Request = alerting::v1::WatchAlertsRequest;
  static constexpr v1::FeedKind kKind = v1::FEED_KIND_ALERTS;
  static std::unique_ptr<Stub> StubTo(const std::shared_ptr<grpc::Channel>& channel) {
    return alerting::v1::Alerting::NewStub(channel);
  }
  static std::shared_ptr<const HeadCalls> HeadOf(const std::shared_ptr<grpc::Channel>& channel) {
    return AlertingHead(channel);
  }
  static bool Stands(const FeedPosition& position) { return !position.alerts_lineage().empty(); }
  static void StandAt(const Head& head, FeedPosition& position) {
    position.set_alerts_lineage(head.lineage);
    position.set_alerts_sequence(head.number);
  }
  static Request RequestFrom(const FeedPosition& position) {
    Request request;
    request.set_lineage(position.alerts_lineage());
    request.set_after_sequence(position.alerts_sequence());
    return request;
  }
  static void Open(Stub& stub, grpc::ClientContext* context, const Request* request,
                   grpc::ClientReadReactor<Message>* reader) {
    stub.async()->WatchAlerts(context, request, reader);
  }
  static bool Tell(Message& message, FeedPosition& position, WatchFeedResponse& out) {
    if (message.has_bookmark()) {
      position.set_alerts_sequence(std::max(position.alerts_sequence(), message.bookmark().sequence()));
      return false;
    }
    position.set_alerts_sequence(message.event().sequence());
    out.mutable_alert()->Swap(&message);
    return true;
  }
};

bool IsFinal(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsOutOfRange(status) || absl::IsInvalidArgument(status);
}

// What callbacks leave for Next. Outlives the feed for as long as they do.
struct News {
  explicit News(rpc::Waker to_wake) : wake(std::move(to_wake)) {}
  const rpc::Waker wake;
  absl::Mutex mutex;
  std::optional<std::pair<absl::Status, Head>> asked ABSL_GUARDED_BY(mutex);
  bool pause_over ABSL_GUARDED_BY(mutex) = false;
};

template <typename Kind>
class FollowedKind final : public KindFeed {
 public:
  explicit FollowedKind(const KindFeedOptions& options)
      : errors_(options.errors),
        timers_(options.timers),
        caller_(options.caller),
        stub_(Kind::StubTo(options.channel)),
        head_(Kind::HeadOf(options.channel)),
        news_(std::make_shared<News>(options.waker)),
        beginning_(options.beginning),
        registry_(options.registry) {}
  ~FollowedKind() override {
    if (reader_ != nullptr) {
      reader_->Cancel();
    }
  }

  absl::StatusOr<bool> Next(FeedPosition& position, WatchFeedResponse& out) override {
    for (;;) {
      const State before = state_;
      absl::StatusOr<bool> told = Step(position, out);
      if (!told.ok() || *told) {
        return told;
      }
      // Something was taken that is not told, or a step leads to the next.
      if (state_ == before && !std::exchange(again_, false)) {
        return false;
      }
    }
  }

 private:
  enum class State { kIdle, kAsking, kOpen, kPausing, kOver };

  absl::StatusOr<bool> Step(FeedPosition& position, WatchFeedResponse& out) {
    switch (state_) {
      case State::kIdle:
        StartAsking();
        return false;
      case State::kAsking:
        return TakeHead(position, out);
      case State::kOpen:
        return TakeMessage(position, out);
      case State::kPausing:
        return TakePauseEnd();
      case State::kOver:
        return false;
    }
    return false;
  }

  void StartAsking() {
    state_ = State::kAsking;
    auto context = std::make_shared<grpc::ClientContext>();
    rpc::SetTimeout(*context, kAskTimeout);
    rpc::SpeakFor(caller_, *context);
    grpc::ClientContext& asking = *context;
    head_->Ask(asking, [context = std::move(context), news = news_](const absl::Status& status, const Head& head) {
      {
        absl::MutexLock lock(&news->mutex);
        news->asked.emplace(status, head);
      }
      news->wake();
    });
  }

  // The service is there: the stream can be opened, and what happened since the position comes with it.
  absl::StatusOr<bool> TakeHead(FeedPosition& position, WatchFeedResponse& out) {
    std::optional<std::pair<absl::Status, Head>> asked;
    {
      absl::MutexLock lock(&news_->mutex);
      asked = std::exchange(news_->asked, std::nullopt);
    }
    if (!asked.has_value()) {
      return false;
    }
    if (!asked->first.ok()) {
      StandAtBeginning(position);
      return Fail(errors_.ToCaller(asked->first), out);
    }
    // What happened since the feed was opened is lost, unless it stands where it began.
    const bool late = failed_ && !Kind::Stands(position);
    if (!Kind::Stands(position)) {
      Kind::StandAt(asked->second, position);
    }
    if constexpr (requires { Kind::IsBeyond(position, asked->second, registry_); }) {
      // What was told since is no guess of the caller's.
      if (!opened_ && Kind::IsBeyond(position, asked->second, registry_)) {
        return MakeError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD",
                         "the token is of a revision that there is not yet");
      }
    }
    request_ = std::make_shared<typename Kind::Request>(Kind::RequestFrom(position));
    reader_ = std::make_shared<StreamReader<typename Kind::Message>>(caller_, [news = news_] { news->wake(); });
    reader_->Start([this](auto* context, auto* reader) { Kind::Open(*stub_, context, request_.get(), reader); });
    state_ = State::kOpen;
    opened_ = true;
    return late ? AnnounceLateBeginning(out) : Announce(SectionOf(absl::OkStatus()), out);
  }

  // The service is away: what happens until it is back belongs to the feed.
  void StandAtBeginning(FeedPosition& position) {
    failed_ = true;
    if (!Kind::Stands(position) && !beginning_.lineage.empty()) {
      Kind::StandAt({beginning_.lineage, beginning_.number, ""}, position);
    }
  }

  absl::StatusOr<bool> TakeMessage(FeedPosition& position, WatchFeedResponse& out) {
    typename Kind::Message message;
    if (reader_->Take(message)) {
      pause_ = kFirstPause;
      again_ = true;
      return Kind::Tell(message, position, out);
    }
    const std::optional<absl::Status> ended = reader_->Ended();
    if (!ended.has_value()) {
      return false;
    }
    const absl::Status status = errors_.ToCaller(*ended);
    reader_.reset();
    if (IsFinal(status) || absl::IsPermissionDenied(status)) {
      return Fail(status, out);
    }
    // Servers end their streams when they are replaced: whether this one is away shows when it is asked.
    Pause();
    return false;
  }

  absl::StatusOr<bool> TakePauseEnd() {
    absl::MutexLock lock(&news_->mutex);
    if (std::exchange(news_->pause_over, false)) {
      state_ = State::kIdle;
    }
    return false;
  }

  absl::StatusOr<bool> Fail(const absl::Status& status, WatchFeedResponse& out) {
    if (IsFinal(status)) {
      return status;
    }
    if (absl::IsPermissionDenied(status)) {
      state_ = State::kOver;
    } else {
      Pause();
    }
    return Announce(SectionOf(status), out);
  }

  void Pause() {
    state_ = State::kPausing;
    // Feeds that lost the same service must not all come back at once.
    absl::InsecureBitGen random;
    timers_.After(pause_ * absl::Uniform(random, 0.5, 1.0), [news = news_] {
      {
        absl::MutexLock lock(&news->mutex);
        news->pause_over = true;
      }
      news->wake();
    });
    pause_ = std::min(pause_ * 2, kLongestPause);
  }

  // Once for each change.
  bool Announce(const SectionStatus& section, WatchFeedResponse& out) {
    if (section.state() == announced_) {
      return false;
    }
    announced_ = section.state();
    out.mutable_status()->set_kind(Kind::kKind);
    *out.mutable_status()->mutable_status() = section;
    return true;
  }

  bool AnnounceLateBeginning(WatchFeedResponse& out) {
    SectionStatus section = SectionOf(absl::OkStatus());
    MarkIncomplete("the service could not be asked when the feed was opened, and what happened before now is not told",
                   section);
    section.set_reason("BEGINNING_UNKNOWN");
    return Announce(section, out);
  }

  const NeighbourErrors& errors_;
  Timers& timers_;
  const rpc::Caller caller_;
  const std::unique_ptr<typename Kind::Stub> stub_;
  const std::shared_ptr<const HeadCalls> head_;
  const std::shared_ptr<News> news_;
  const LastKnown beginning_;
  const LastKnown registry_;
  State state_ = State::kIdle;
  bool opened_ = false;
  // It could not be asked at least once.
  bool failed_ = false;
  SectionStatus::State announced_ = SectionStatus::STATE_UNSPECIFIED;
  absl::Duration pause_ = kFirstPause;
  bool again_ = false;
  std::shared_ptr<typename Kind::Request> request_;
  std::shared_ptr<StreamReader<typename Kind::Message>> reader_;
};

}  // namespace

std::unique_ptr<KindFeed> FollowChanges(const KindFeedOptions& options) {
  return std::make_unique<FollowedKind<Changes>>(options);
}

std::unique_ptr<KindFeed> FollowScores(const KindFeedOptions& options) {
  return std::make_unique<FollowedKind<Scores>>(options);
}

std::unique_ptr<KindFeed> FollowAlerts(const KindFeedOptions& options) {
  return std::make_unique<FollowedKind<Alerts>>(options);
}

}  // namespace orewatch::gateway
