// Governance risk of one country.
#pragma once

#include <string>

#include "services/risk/domain/score.h"
#include "services/risk/domain/world.h"

namespace orewatch::risk {

// 10 * (2.5 - mean of the six World Bank estimates) / 5, on 0 (best) to 10; unset with GOVERNANCE_INCOMPLETE unless all
// six are there, with NO_GOVERNANCE and no inputs where there is nothing. `country`: alpha-2.
Score CountryGovernance(const World& world, const std::string& country);

}  // namespace orewatch::risk
