// Supply risk of one mineral at one stage for one importer, after the US Geological Survey.
#pragma once

#include <string>

#include "services/risk/domain/series_view.h"
#include "services/risk/domain/usgs.h"

namespace orewatch::risk {

// In the latest year of production. Exposure is the importer's own net import reliance, and vulnerability and the
// outlook of countries are indicators of the registry; where one is missing the score is unset and names it:
// ABILITY_TO_SUPPLY_UNKNOWN, WILLINGNESS_TO_SUPPLY_UNKNOWN, TRADE_EXPOSURE_UNKNOWN, ECONOMIC_VULNERABILITY_UNKNOWN,
// NO_SHARES. The parts that are known are given.
Score UsgsSupplyRisk(const SeriesView& view, const std::string& importer, const UsgsParameters& parameters);

}  // namespace orewatch::risk
