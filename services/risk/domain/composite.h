// Supply risk by this suite's own method, 0 to 100: a weighted mean of dimensions that are each on 0 (no risk that the
// dimension sees) to 100, so that what the dimensions contribute adds up to the score, and the score never falls where
// one of them rises. docs/methods/orewatch.md says why these dimensions and weights.
#pragma once

#include <string>
#include <vector>

#include "services/risk/domain/concentration.h"

namespace orewatch::risk {

struct CompositeParameters {
  std::string name = "orewatch-2026";
  std::string edition = "1";
  // Weights of at least 0, not all 0; only their proportions count.
  double concentration = 0.25;
  double governance = 0.20;
  double sourcing = 0.30;
  double stocks = 0.10;
  double recycling = 0.05;
  double substitution = 0.10;
  // Stocks of as many days leave no risk in their dimension.
  double sufficient_stock_days = 180;
  bool operator==(const CompositeParameters&) const = default;
};

// One dimension, on 0 to 100.
struct Dimension {
  std::string name;
  double weight = 0;
  Estimate risk;
};

// Without a value, and with the reasons of all, where a dimension has none. An upper bound that is unknown is 100.
Estimate CompositeRisk(const std::vector<Dimension>& dimensions);

// What a dimension adds to the value.
double ContributionOf(const Dimension& dimension, const std::vector<Dimension>& dimensions);

// Of a fraction in [0, 1] that is the risk itself.
Estimate RiskOfFraction(Estimate fraction);
// Of a fraction in [0, 1] that relieves: the more, the less risk. Without a value it gives no relief, and may give any:
// `reason`.
Estimate RiskWithoutRelief(Estimate relief, const std::string& reason);

}  // namespace orewatch::risk
