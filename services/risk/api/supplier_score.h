// Scores of suppliers and facilities, from what the asker may read.
#pragma once

#include "absl/status/statusor.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/risk/api/chain_answers.h"
#include "services/risk/domain/score.h"

namespace orewatch::risk {

// Of such a subject; the methods of other subjects are computed elsewhere.
bool IsOfSuppliers(v1::Method method);

// Nothing of it is kept. The errors are those of orewatch.risk.v1.Risk; any answer will do once the asker does not wait
// any more.
absl::StatusOr<Score> SupplierScoreOf(const v1::ScoreKey& key, const v1::ScoreOptions& options,
                                      const Snapshot& snapshot, const Asker& asker);

}  // namespace orewatch::risk
