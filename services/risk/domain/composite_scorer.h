// The suite's own supply risk of one mineral at one stage for one importer.
#pragma once

#include <string>
#include <vector>

#include "services/risk/domain/composite.h"
#include "services/risk/domain/series_view.h"

namespace orewatch::risk {

// Concentration and sourcing are those of GeoPolRisk with the service's parameters, over what comes from outside: what
// the members of a bloc sell each other is left out. Unset with its reasons where that is unset. STOCK_UNKNOWN where no
// public stockpile of the importer says what it holds, RECYCLING_UNKNOWN and SUBSTITUTION_UNKNOWN as in EU supply risk:
// what is unknown gives no relief.
Score CompositeSupplyRisk(const SeriesView& view, const std::string& importer, const CompositeParameters& parameters);

// Adds the dimensions as components, and as inputs whose contributions add up to the value.
void ExplainDimensions(const std::vector<Dimension>& dimensions, Score& score);

}  // namespace orewatch::risk
