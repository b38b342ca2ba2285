// Flags of alerting that its own binary and the suite share.
#pragma once

#include "absl/status/statusor.h"
#include "services/alerting/domain/action.h"
#include "services/alerting/domain/retention.h"

namespace orewatch::alerting {

// INVALID_ARGUMENT that names the flag.
absl::StatusOr<AcknowledgementPolicy> AcknowledgementsFromFlags();
absl::StatusOr<RetentionPolicy> RetentionFromFlags();

}  // namespace orewatch::alerting
