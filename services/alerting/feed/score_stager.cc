#include "services/alerting/feed/score_stager.h"

#include <utility>

#include "common/status/status.h"
#include "common/time/proto_time.h"
#include "services/alerting/feed/score_conversion.h"
#include "services/alerting/record/score_message.h"

namespace orewatch::alerting {
namespace {

// A sender that does not say when counts as now.
absl::Time CommitTimeOf(const risk::v1::WatchScoresResponse& message) {
  return message.has_commit_time() ? orewatch::FromProto(message.commit_time()) : absl::InfiniteFuture();
}

}  // namespace

void ScoreStager::Close(bool complete) {
  if (complete) {
    // What was kept back and is not named again is gone.
    staged_.clear();
    complete_ = true;
  }
  for (auto& [key, value] : std::exchange(received_, {})) {
    staged_.insert_or_assign(key, std::move(value));
  }
}

absl::StatusOr<std::optional<ScoreBatch>> ScoreStager::Receive(const risk::v1::WatchScoresResponse& message) {
  for (const auto& score : message.scores()) {
    ScoreValue value = FromProto(score);
    ScoreKey key = value.key;
    received_.insert_or_assign(std::move(key), std::move(value));
  }
  for (const auto& key : message.removed()) {
    received_.insert_or_assign(FromProto(key), std::nullopt);
  }
  if (!message.has_bookmark()) {
    return std::nullopt;
  }
  Close(message.complete());
  const Revision reached{.lineage = message.bookmark().lineage(), .number = message.bookmark().number()};
  if (!complete_ && reached.lineage != applied_.lineage) {
    return MakeError(absl::StatusCode::kAborted, "LINEAGE_CHANGED", "the scores have passed to another lineage");
  }
  // The sender is behind what has been applied: what it says of the past is kept back until it has caught up.
  if (reached.lineage == applied_.lineage && reached.number < applied_.number) {
    return std::nullopt;
  }
  ScoreBatch batch{.revision = reached,
                   .commit_time = CommitTimeOf(message),
                   .complete = std::exchange(complete_, false),
                   .scores = {},
                   .removed = {}};
  for (auto& [key, value] : std::exchange(staged_, {})) {
    if (value.has_value()) {
      batch.scores.push_back(*value);
    } else {
      batch.removed.push_back(key);
    }
  }
  applied_ = reached;
  return batch;
}

}  // namespace orewatch::alerting
