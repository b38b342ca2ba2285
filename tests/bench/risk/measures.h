// What is measured of risk. Each takes subjects of its own.
#pragma once

#include <vector>

#include "tests/bench/support/runner.h"

namespace orewatch::bench {

// Minerals times importers of GeoPolRisk, in memory.
std::vector<Figure> MeasureGeoPolRiskRows(const Effort& effort);
// GetScore and ListScores of a whole suite.
std::vector<Figure> MeasureScoreCalls(const Effort& effort);
// From the change of a figure at the registry to the score that follows from it.
std::vector<Figure> MeasureScoreChanges(const Effort& effort);
// From the change of a facility or link at the registry to the exposure that follows from it, with each of so many
// facilities, and the memory that risk takes.
std::vector<Figure> MeasureChainChanges(const Effort& effort, const std::vector<int>& facilities);

}  // namespace orewatch::bench
