// Supply risk of one mineral at one stage after the Yale methodology, over the indicators at hand.
#pragma once

#include "services/risk/domain/series_view.h"
#include "services/risk/domain/yale.h"

namespace orewatch::risk {

// In the latest year of production. Reasons: INDICATOR_MISSING:DT, CF, PPI, HDI, WGI_PV or GSC for each that the
// registry does not allow, RECYCLING_UNKNOWN where depletion is computed without it, RESERVES_UNKNOWN:XX,
// GOVERNANCE_IMPUTED:XX and those of the shares. Reserves count at the mine alone, on the basis and scope of
// production.
Score YaleSupplyRisk(const SeriesView& view, const YaleParameters& parameters);

}  // namespace orewatch::risk
