// Parameters of methods as messages, of a caller's or of a service's own.
#pragma once

#include <string>

#include "common/status/status.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/risk/domain/geopolrisk.h"
#include "services/risk/domain/hhi.h"

namespace orewatch::risk {

inline constexpr size_t kMaxParameterNameBytes = 256;

// Adds each figure that is out of range, as a field of `path`.
void CheckFigures(const std::string& path, const v1::GeoPolRiskParameters& asked, FieldViolations& violations);

// `own` under the name and edition that are asked for, with the figures that are.
GeoPolRiskParameters Replaced(const v1::GeoPolRiskParameters& asked, GeoPolRiskParameters own);
HhiParameters Replaced(const v1::HhiParameters& asked);

}  // namespace orewatch::risk
