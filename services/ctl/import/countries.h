// Country codes as people write them.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orewatch::ctl {

// The alpha-2 code of an ISO 3166-1 alpha-2 or alpha-3 code in any case. INVALID_ARGUMENT: no such code. `ZZ`, which
// stands for other countries and is none itself, is the caller's business.
absl::StatusOr<std::string> CountryAlpha2(absl::string_view code);

// The alpha-3 code of an alpha-2 code in capitals; empty: no such code.
std::string CountryAlpha3(absl::string_view alpha2);

}  // namespace orewatch::ctl
