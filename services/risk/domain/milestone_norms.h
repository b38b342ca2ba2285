// How long the step from one milestone to the next takes elsewhere, as far as it is published: of mines alone.
#pragma once

#include <optional>
#include <string>

#include "services/risk/domain/base_rates.h"

namespace orewatch::risk {

// Titles in any case: `discovery`, `feasibility study`, `start of construction`, `start of production`. Nothing: nobody
// has published it.
std::optional<BaseRate> NormOf(const std::string& from, const std::string& to, const BaseRates& rates);

}  // namespace orewatch::risk
