// Filters of rules: AIP-160 over the keys of scores.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

// INVALID_ARGUMENT that blames `filter`.
absl::StatusOr<KeyFilter> ParseKeyFilter(absl::string_view text);

}  // namespace orewatch::alerting
