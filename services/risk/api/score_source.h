// The stream of WatchScores.
#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "common/rpc/notifier.h"
#include "common/rpc/service.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/risk/feed/registry_feed.h"

namespace orewatch::risk {

// Sends the scores that changed since the last bookmark, in messages of bounded size, then the bookmark: revision by
// revision while the feed keeps the next one, else everything up to the newest merged into one.
class ScoreSource final : public rpc::StreamSource<v1::WatchScoresResponse> {
 public:
  // The feed outlives the stream.
  ScoreSource(const RegistryFeed& feed, type::v1::Revision after, rpc::Notifier::Subscription subscription)
      : feed_(feed), after_(std::move(after)), subscription_(std::move(subscription)) {}

  absl::StatusOr<rpc::Poll> Next(v1::WatchScoresResponse& out) override;
  absl::Time CommitTime() const override { return commit_time_; }

 private:
  // What the snapshot changed since the last bookmark, to be sent.
  void Begin(Snapshot snapshot);
  void Add(const ScoreKey& key, v1::WatchScoresResponse& out) const;

  const RegistryFeed& feed_;
  // The last bookmark sent.
  type::v1::Revision after_;
  // Of the revision that the last message completed; the past if it completed none.
  absl::Time commit_time_ = absl::InfinitePast();
  rpc::Notifier::Subscription subscription_;
  // What is being sent.
  std::optional<Snapshot> sending_;
  // It is every score of the snapshot, since what has gone from the caller's is not known.
  bool complete_ = false;
  std::deque<ScoreKey> pending_;
};

}  // namespace orewatch::risk
