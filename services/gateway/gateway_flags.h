// The gateway's own flags, the same in every binary that hosts it.
#pragma once

#include "absl/status/statusor.h"
#include "services/gateway/gateway_app.h"

namespace orewatch::gateway {

// From --critical_list, --importer, --gateway_cache_bytes, --gateway_stale_for and --longest_answer.
// INVALID_ARGUMENT naming the flag if the importer is no name of one, or a number is out of its range.
absl::StatusOr<GatewayConfig> ConfigFromFlags();

}  // namespace orewatch::gateway
