// The flags that say who is told of alerts, the same in every binary that hosts alerting.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/alerting/deliver/dispatcher.h"

namespace orewatch::alerting {

// From --alertmanager, --alertmanager_source, --alertmanager_hold, --alertmanager_hook_address,
// --alertmanager_hook_secret and --webhooks. INVALID_ARGUMENT naming the flag, NOT_FOUND if the file cannot be read.
absl::StatusOr<DeliveryConfig> DeliveryFromFlags();

}  // namespace orewatch::alerting
