// The gateway's own flags, the same in every binary that hosts it.
#pragma once

#include "absl/status/statusor.h"
#include "services/gateway/gateway_app.h"

namespace orewatch::gateway {

// From --critical_list and --importer. INVALID_ARGUMENT naming the flag if the importer is no name of one.
absl::StatusOr<GatewayConfig> ConfigFromFlags();

}  // namespace orewatch::gateway
