// Supply chains as people read them.
#pragma once

#include <string>

#include "orewatch/risk/v1/exposure.pb.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {

// A row for each share of each tier, up to `max_tier`; what is left out, own and unknown have rows of their own.
Table ExposureTable(const risk::v1::ListExposuresResponse& response, int max_tier);
// A line beginning with `!` for each exposure that rests on assumptions.
std::string AssumptionLines(const risk::v1::ListExposuresResponse& response);
// A line beginning with `!` for each node whose exposure was not computed.
std::string UnsetLines(const risk::v1::ListExposuresResponse& response);
// Their names; empty: there is none.
std::string UnsetExposures(const risk::v1::ListExposuresResponse& response);
Table PathTable(const risk::v1::ListSupplyPathsResponse& response);
Table FailurePointTable(const risk::v1::ListFailurePointsResponse& response);
Table AlternativeTable(const risk::v1::ListAlternativesResponse& response);
Table SurvivalTable(const risk::v1::TimeToSurvive& survival);

}  // namespace orewatch::ctl
