// What scores have been, as far as anybody remembers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/score.h"
#include "services/alerting/domain/world.h"

namespace orewatch::alerting {

// What a score became at a revision. Small: there may be a million.
struct PastScore {
  // Index of its key.
  uint32_t key = 0;
  // It went away; the rest is empty.
  bool removed = false;
  int completeness = 0;
  int cause = 0;
  int64_t revision = 0;
  absl::Time commit_time;
  ScoreState state;
  std::string top_country;
};

// Since when history is known.
struct HistoryBegin {
  Revision revision;
  absl::Time commit_time;

  friend bool operator==(const HistoryBegin&, const HistoryBegin&) = default;
};

struct PastScores {
  std::vector<ScoreKey> keys;
  // By revision.
  std::vector<PastScore> records;
  // Unset: what came first did not come before what is known.
  std::optional<HistoryBegin> begins = std::nullopt;
  // Up to which everything is here.
  Revision revision = {};
};

PastScore PastOf(const ScoreValue& score, uint32_t key, absl::Time commit_time);

// What was committed with the record at `next`, which is moved behind it.
ScoreBatch NextBatch(const PastScores& past, size_t& next);

}  // namespace orewatch::alerting
