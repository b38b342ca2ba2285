// Scores as messages.
#pragma once

#include "orewatch/risk/v1/risk.pb.h"
#include "services/risk/feed/registry_feed.h"

namespace orewatch::risk {

v1::Score MessageOf(const Score& score, const Snapshot& snapshot);
v1::ScoreKey MessageOf(const ScoreKey& key);
v1::ScoreInput MessageOf(const Input& input);
ScoreKey KeyOf(const v1::ScoreKey& key);
v1::ScoreExplanation ExplanationOf(const Score& score, const Snapshot& snapshot);
type::v1::Revision RevisionOf(const Snapshot& snapshot, int64_t number);

// FAILED_PRECONDITION: the score is computed on request and has no history.
absl::Status ScoreNotKept();

}  // namespace orewatch::risk
