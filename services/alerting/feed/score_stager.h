// Gathers the messages of WatchScores into whole revisions.
#pragma once

#include <optional>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/alerting/domain/world.h"

namespace orewatch::alerting {

// Lives as long as one attempt at the stream. Thread-compatible. Holds one entry per score, however often it is sent.
class ScoreStager {
 public:
  // `after` is where the stream starts: from number 0 it brings every score there is. `applied` is what has been
  // applied.
  ScoreStager(const Revision& after, const Revision& applied);

  // The batch that this message completes, if it does. FAILED_PRECONDITION with reason LINEAGE_CHANGED if the message
  // belongs to another history than the stream was started in: start again from 0.
  absl::StatusOr<std::optional<ScoreBatch>> Receive(const risk::v1::WatchScoresResponse& message);

 private:
  Revision applied_;
  // What is staged will be every score there is.
  bool complete_;
  // Without a value: removed.
  absl::btree_map<ScoreKey, std::optional<ScoreValue>> staged_;
};

}  // namespace orewatch::alerting
