// The order of partners whose factors are known, and which factors make it.
#pragma once

#include <vector>

#include "services/risk/domain/partners.h"

namespace orewatch::risk {

// Factors that can be put on their scale for no partner. What they are ranked by is set to the same for all.
std::vector<PartnerFactor> DropWhatIsKnownOfNobody(std::vector<Partner>& partners);

// By rank, with ranks, intervals and contributions filled in. `weights`: one a factor, as for RankByFactors.
std::vector<Partner> InOrder(std::vector<Partner> partners, const std::vector<double>& weights);

}  // namespace orewatch::risk
