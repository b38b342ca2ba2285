// Flags of risk's own binary, but for where the registry is.
#pragma once

#include "absl/status/statusor.h"
#include "services/risk/risk_app.h"

namespace orewatch::risk {

// INVALID_ARGUMENT that names the flag.
absl::StatusOr<RiskConfig> ConfigFromFlags();

}  // namespace orewatch::risk
