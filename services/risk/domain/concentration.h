// How concentrated a supply is: the Herfindahl-Hirschman index, plain and weighted.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "services/risk/domain/governance.h"
#include "services/risk/domain/shares.h"

namespace orewatch::risk {

// A number that rests on known inputs, and how far what is unknown could move it.
struct Estimate {
  // Nothing: not computable. `reasons` says why; it never means "safe".
  std::optional<double> value;
  double lower = 0;
  // Nothing: no upper bound is known.
  std::optional<double> upper;
  Reasons reasons;
};

// Multiplies the value and both bounds.
void Scale(double factor, Estimate& estimate);

// What is missing could move the value anywhere: no bound but 0 is known.
void Unbound(Estimate& estimate);

// Sum of squared shares, on 0 to `kFullConcentration`. Value: other countries count in the whole and are taken as
// infinitely split. Upper: they are one country. With k countries of unknown amount the whole grows by an unknown
// amount: then no upper bound is known, and the lower one is H / (1 + k H), its minimum over all amounts.
inline constexpr double kFullConcentration = 10'000;
Estimate Herfindahl(const Shares& shares);

// (H - 1/n) / (1 - 1/n) of a share-of-squares H in [0, 1] over n suppliers; 1 for n <= 1.
double NormalizedHerfindahl(double share_of_squares, int n);

// 1 / H of a share-of-squares H in (0, 1], end by end: how many equal suppliers would be as concentrated.
Estimate EffectiveNumber(const Estimate& share_of_squares);

// Sum of the k largest shares that are named. Upper: other countries are among them. With countries of unknown amount
// no bounds but 0 are known.
Estimate LargestShares(const Shares& shares, int k);

// What a country's squared share is multiplied with.
struct Weight {
  double value = 0;
  double lower = 0;
  double upper = 0;
  // The country's governance is missing and was imputed.
  bool imputed = false;
};
using WeightOf = std::function<Weight(const std::string& country)>;

// Sum of weighted squared shares, on 0 to the largest weight. `worst` is the largest weight that any country may have;
// other countries could be one of that. Reason GOVERNANCE_IMPUTED:XX for each imputed weight.
Estimate WeightedHerfindahl(const Shares& shares, const WeightOf& weight_of, double worst);

// The weight of governance alone.
WeightOf GovernanceWeight(const GovernanceScale& scale);

// The country with the largest share; nothing if none is named. Of equals the first by name.
std::optional<Share> TopShare(const Shares& shares);

}  // namespace orewatch::risk
