// The stream of WatchScores.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "common/rpc/notifier.h"
#include "common/rpc/service.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/risk/feed/registry_feed.h"

namespace orewatch::risk {

// Sends the scores that changed since the last bookmark, in messages of bounded size, then the bookmark. Revisions that
// were applied while a message was under way are merged into one.
class ScoreSource final : public rpc::StreamSource<v1::WatchScoresResponse> {
 public:
  ScoreSource(std::function<std::optional<Snapshot>()> current, type::v1::Revision after,
              rpc::Notifier::Subscription subscription)
      : current_(std::move(current)), after_(std::move(after)), subscription_(std::move(subscription)) {}

  absl::StatusOr<rpc::Poll> Next(v1::WatchScoresResponse& out) override;

 private:
  void Begin(Snapshot snapshot);

  const std::function<std::optional<Snapshot>()> current_;
  // The last bookmark sent.
  type::v1::Revision after_;
  rpc::Notifier::Subscription subscription_;
  // What is being sent.
  std::optional<Snapshot> sending_;
  Model::Scores::const_iterator next_;
};

}  // namespace orewatch::risk
