#include "services/gateway/feed/feed.h"

#include <utility>
#include <vector>

#include "common/status/status.h"
#include "services/gateway/feed/kind_feed.h"
#include "services/gateway/token/tokens.h"

namespace orewatch::gateway {
namespace {

using v1::WatchFeedResponse;

class FeedSource final : public rpc::StreamSource<WatchFeedResponse> {
 public:
  FeedSource(std::vector<std::unique_ptr<KindFeed>> kinds, v1::FeedPosition position)
      : kinds_(std::move(kinds)), position_(std::move(position)) {}

  // By turns, so that a kind of which there is much does not keep the others waiting.
  absl::StatusOr<rpc::Poll> Next(WatchFeedResponse& out) override {
    out.Clear();
    for (size_t turn = 0; turn < kinds_.size(); ++turn) {
      KindFeed& kind = *kinds_[next_];
      next_ = (next_ + 1) % kinds_.size();
      OREWATCH_ASSIGN_OR_RETURN(const bool told, kind.Next(position_, out));
      if (told) {
        out.set_token(TokenOf(position_));
        return rpc::Poll::kMessage;
      }
    }
    return rpc::Poll::kWait;
  }

 private:
  const std::vector<std::unique_ptr<KindFeed>> kinds_;
  size_t next_ = 0;
  v1::FeedPosition position_;
};

}  // namespace

void Feed::Connect(const Channels& channels) {
  absl::MutexLock lock(&mutex_);
  channels_ = channels;
}

absl::StatusOr<std::unique_ptr<rpc::StreamSource<WatchFeedResponse>>> Feed::Open(const rpc::Caller& caller,
                                                                                 std::set<int> kinds,
                                                                                 v1::FeedPosition position,
                                                                                 const rpc::Waker& waker) const {
  Channels channels;
  {
    absl::MutexLock lock(&mutex_);
    channels = channels_;
  }
  if (channels.registry == nullptr) {
    return MakeError(absl::StatusCode::kUnavailable, "NOT_CONNECTED", "the process is still starting");
  }
  const LastKnown registry = positions_.registry().last_known();
  LastKnown scores = positions_.risk().last_known();
  if (scores.lineage.empty()) {
    // Scores count by the registry's revisions.
    scores = registry;
  }
  const auto wanted = [&](v1::FeedKind kind) { return kinds.empty() || kinds.count(kind) > 0; };
  std::vector<std::unique_ptr<KindFeed>> followed;
  if (wanted(v1::FEED_KIND_CHANGES)) {
    followed.push_back(
        FollowChanges({registry_errors_, timers_, channels.registry, caller, waker, registry, registry}));
  }
  if (wanted(v1::FEED_KIND_SCORES)) {
    followed.push_back(FollowScores({risk_errors_, timers_, channels.risk, caller, waker, scores, registry}));
  }
  if (wanted(v1::FEED_KIND_ALERTS)) {
    followed.push_back(FollowAlerts(
        {alerting_errors_, timers_, channels.alerting, caller, waker, positions_.alerting().last_known(), registry}));
  }
  return std::make_unique<FeedSource>(std::move(followed), std::move(position));
}

}  // namespace orewatch::gateway
