// The suite's own supply risk of one mineral at one stage for one importer.
#pragma once

#include <string>
#include <vector>

#include "services/risk/domain/composite.h"
#include "services/risk/domain/series_view.h"

namespace orewatch::risk {

// `geopolrisk`: the importer's score by that method with the service's parameters, of which concentration and sourcing
// are taken. Unset with its reasons where it is unset. STOCK_UNKNOWN where no public stockpile of the importer says
// what it holds, RECYCLING_UNKNOWN and SUBSTITUTION_UNKNOWN as in EU supply risk: what is unknown gives no relief.
Score CompositeSupplyRisk(const SeriesView& view, const std::string& importer, const Score& geopolrisk,
                          const CompositeParameters& parameters);

// Adds the dimensions as components, and as inputs whose contributions add up to the value.
void ExplainDimensions(const std::vector<Dimension>& dimensions, Score& score);

}  // namespace orewatch::risk
