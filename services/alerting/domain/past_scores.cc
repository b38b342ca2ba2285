#include "services/alerting/domain/past_scores.h"

namespace orewatch::alerting {
namespace {

ScoreValue ValueOf(const PastScore& record, const ScoreKey& key) {
  ScoreValue score{.key = key,
                   .value = record.state.value,
                   .revision = record.revision,
                   .band = record.state.band,
                   .cause = record.cause,
                   .top_country = record.top_country};
  score.certainty.lower = record.state.lower;
  score.certainty.upper = record.state.upper;
  score.certainty.completeness = record.completeness;
  return score;
}

}  // namespace

PastScore PastOf(const ScoreValue& score, uint32_t key, absl::Time commit_time) {
  return {.key = key,
          .removed = false,
          .completeness = score.certainty.completeness,
          .cause = score.cause,
          .revision = score.revision,
          .commit_time = commit_time,
          .state = score.State(),
          .top_country = score.top_country};
}

ScoreBatch NextBatch(const PastScores& past, size_t& next) {
  const PastScore& first = past.records[next];
  ScoreBatch batch{.revision = {.lineage = past.revision.lineage, .number = first.revision},
                   .commit_time = first.commit_time,
                   .complete = false,
                   .scores = {},
                   .removed = {}};
  for (; next < past.records.size() && past.records[next].revision == first.revision; ++next) {
    const PastScore& record = past.records[next];
    const ScoreKey& key = past.keys[record.key];
    if (record.removed) {
      batch.removed.push_back(key);
    } else {
      batch.scores.push_back(ValueOf(record, key));
    }
  }
  return batch;
}

}  // namespace orewatch::alerting
