// Errors about what one caller asked for.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orewatch {

// RESOURCE_EXHAUSTED with ErrorInfo, RetryInfo and a QuotaFailure about `subject`: the caller asked for too much, where
// OverloadError says that there is too little for all.
absl::Status QuotaError(absl::string_view reason, absl::string_view message, absl::Duration retry_after,
                        absl::string_view subject);

}  // namespace orewatch
