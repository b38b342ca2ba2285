// Scores of suppliers and facilities, from what the asker may read: nothing of them is kept.
#pragma once

#include "absl/status/statusor.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/risk/api/chain_answers.h"

namespace orewatch::risk {

// Of such a subject; the methods of other subjects are computed elsewhere.
bool IsOfSuppliers(v1::Method method);

// The errors are those of orewatch.risk.v1.Risk; any answer will do once the asker does not wait any more.
absl::StatusOr<v1::Score> Answer(const v1::GetScoreRequest& request, const Snapshot& snapshot, const Asker& asker);
absl::StatusOr<v1::ScoreExplanation> Answer(const v1::ExplainScoreRequest& request, const Snapshot& snapshot,
                                            const Asker& asker);

}  // namespace orewatch::risk
