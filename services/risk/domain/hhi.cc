#include "services/risk/domain/hhi.h"

#include <algorithm>
#include <utility>

namespace orewatch::risk {
namespace {

// Of an even split the sum of squares may come out a little below 1/n.
constexpr double kRounding = 1e-12;

double OnScale(double hhi, int n) { return std::clamp(NormalizedHerfindahl(hhi, n), 0.0, 1.0); }

}  // namespace

Shares CountedShares(Shares shares, OtherCountries other_countries) {
  if (other_countries == OtherCountries::kInfinitelySplit) {
    return shares;
  }
  double named = 0;
  for (const Share& share : shares.named) {
    named += share.value;
  }
  for (Share& share : shares.named) {
    share.value = named > 0 ? share.value / named : 0;
  }
  shares.other = 0;
  return shares;
}

int ProducersIn(const Shares& shares) {
  return static_cast<int>(
      std::count_if(shares.named.begin(), shares.named.end(), [](const Share& share) { return share.value > 0; }));
}

Estimate NormalizedConcentrationOf(Estimate hhi, int producers, int n) {
  if (!hhi.value.has_value()) {
    return hhi;
  }
  if (producers > n || *hhi.value < 1.0 / n - kRounding) {
    Estimate unset;
    unset.reasons = std::move(hhi.reasons);
    AddReason("MORE_SUPPLIERS_THAN_N", unset.reasons);
    return unset;
  }
  hhi.value = OnScale(*hhi.value, n);
  hhi.lower = OnScale(hhi.lower, n);
  if (hhi.upper.has_value()) {
    hhi.upper = OnScale(*hhi.upper, n);
  }
  return hhi;
}

}  // namespace orewatch::risk
