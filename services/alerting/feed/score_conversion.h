// Scores as risk sends them.
#pragma once

#include "orewatch/risk/v1/score.pb.h"
#include "services/alerting/domain/score.h"

namespace orewatch::alerting {

// What is unset, or no number, is unknown.
ScoreValue FromProto(const risk::v1::Score& score);

}  // namespace orewatch::alerting
