// The parameters of the Herfindahl-Hirschman index.
#pragma once

#include <string>

#include "services/risk/domain/geopolrisk.h"

namespace orewatch::risk {

struct HhiParameters {
  std::string name = "hhi";
  // Of these figures under that name.
  std::string edition = "1";
  OtherCountries other_countries = OtherCountries::kInfinitelySplit;
  bool operator==(const HhiParameters&) const = default;
};

// The shares that count: as they are, or of the named countries as the whole.
Shares CountedShares(Shares shares, OtherCountries other_countries);

// How many countries are named with a share above 0.
int ProducersIn(const Shares& shares);

// An HHI on 0 to 1 on the scale from an even split over n suppliers (0) to one supplier (1), of which `producers` are
// known. Unset with MORE_SUPPLIERS_THAN_N where there are more than n: those that are known, or others so finely split
// that the index is below an even split's.
Estimate NormalizedConcentrationOf(Estimate hhi, int producers, int n);

}  // namespace orewatch::risk
