// From which countries a facility or supplier is controlled in the end.
#pragma once

#include <map>
#include <string>

#include "services/risk/domain/chain_view.h"

namespace orewatch::risk {

struct UltimateOwners {
  std::map<CountryIndex, double> shares;
  // With the shares it adds up to 1.
  double unknown = 1;
};

// Follows owners to those behind whom nobody stands, as far as the view knows them: a facility without owners is its
// supplier's alone. Unknown is what an owner without a share has, what nobody claims, and what lies behind an owner who
// is not the last and of whom no owners are known.
UltimateOwners UltimateOwnersOf(const ChainView& view, const std::string& name);

}  // namespace orewatch::risk
