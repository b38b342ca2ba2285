// Gathers the messages of WatchScores into whole revisions.
#pragma once

#include <optional>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/alerting/domain/world.h"

namespace orewatch::alerting {

// Lives as long as one stream, which begins with every score there is and may say again that a batch is complete.
// Thread-compatible. Holds at most two entries per score, however often it is sent.
class ScoreStager {
 public:
  // `applied` is what has been applied before the stream.
  explicit ScoreStager(const Revision& applied) : applied_(applied) {}

  // The batch that this message completes, if it does; the first is complete. ABORTED with reason LINEAGE_CHANGED if
  // the sender has passed to another history without saying what there is in it, so that a new stream must begin.
  absl::StatusOr<std::optional<ScoreBatch>> Receive(const risk::v1::WatchScoresResponse& message);

 private:
  using Staged = absl::btree_map<ScoreKey, std::optional<ScoreValue>>;

  // Takes what the bookmark closes to what has been kept back before it.
  void Close(bool complete);

  Revision applied_;
  // What is staged will be every score there is.
  bool complete_ = true;
  // Up to the last bookmark, and since. Without a value: removed.
  Staged staged_;
  Staged received_;
};

}  // namespace orewatch::alerting
