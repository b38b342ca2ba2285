// What scores have been, as people read it.
#pragma once

#include <string>

#include "orewatch/risk/v1/risk.pb.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {

Table HistoryTable(const risk::v1::ListScoreHistoryResponse& history);
Table YearsTable(const risk::v1::ListScoreYearsResponse& years);

// What changed since the revision that was asked for: the whole, its inputs, and each step. Empty if none was asked
// for.
std::string ChangesText(const risk::v1::ScoreExplanation& explanation);

}  // namespace orewatch::ctl
