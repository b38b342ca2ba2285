// Scores as pictures.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "orewatch/risk/v1/risk.pb.h"

namespace orewatch::ctl {

// SVG documents: values as points joined by lines, with what the unknown could make of each as a bar behind it, dashed
// where no upper bound is known. What is unset or gone breaks the line.
std::string YearsPicture(const risk::v1::ListScoreYearsResponse& years);
std::string HistoryPicture(const risk::v1::ListScoreHistoryResponse& history);

// The shares that went into a score as bars; below them what the score is for each year of the data, and what it has
// been. What is an error is not drawn, but said.
std::string ScorePicture(const risk::v1::ScoreExplanation& explanation,
                         const absl::StatusOr<risk::v1::ListScoreYearsResponse>& years,
                         const absl::StatusOr<risk::v1::ListScoreHistoryResponse>& history);

}  // namespace orewatch::ctl
