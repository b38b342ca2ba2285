// What makes a target one that scores can match.
#pragma once

#include <vector>

#include "services/alerting/domain/score.h"
#include "services/alerting/domain/violation.h"

namespace orewatch::alerting {

// A target that no score can ever match would be silent for ever, and look as if all were well. Fields are those of
// `target`.
void CheckTarget(const ScoreKey& target, std::vector<Violation>& violations);

}  // namespace orewatch::alerting
