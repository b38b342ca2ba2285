#include "services/risk/domain/eu_economic_importance.h"

#include <algorithm>
#include <cmath>

namespace orewatch::risk {
namespace {

constexpr double kScale = 10;
constexpr double kRelief = 0.8;
// Published shares are rounded.
constexpr double kRoundingSlack = 0.005;

double AvailabilityOf(const SubstituteSupply& substitute) {
  using Origin = SubstituteSupply::Origin;
  const double production = substitute.produced_more ? kRelief : 1;
  const double criticality = substitute.uncritical ? kRelief : 1;
  const double co_production = substitute.origin == Origin::kMainProduct ? 0.8
                               : substitute.origin == Origin::kBoth      ? 0.9
                                                                         : 1;
  return std::cbrt(production * criticality * co_production);
}

double Rounded(double value) { return std::round(value * kScale) / kScale; }

}  // namespace

Estimate EconomicImportance(const std::vector<EndUse>& uses, double largest_value_added, double substitution_index) {
  Estimate importance;
  double weighted = 0;
  double known = 0;
  for (const EndUse& use : uses) {
    weighted += use.share * use.value_added;
    known += use.share;
  }
  if (!(weighted > 0) || !(largest_value_added > 0)) {
    AddReason("NO_END_USES", importance.reasons);
    return importance;
  }
  importance.value = kScale * weighted / largest_value_added * substitution_index;
  importance.lower = *importance.value;
  importance.upper = importance.value;
  if (known < 1 - kRoundingSlack) {
    *importance.upper += kScale * (1 - known) * substitution_index;
    AddReason("END_USE_UNKNOWN", importance.reasons);
  }
  return importance;
}

double CostPerformance(SubstituteCost cost, SubstitutePerformance performance) {
  const double of_reduced = performance == SubstitutePerformance::kReduced ? 0.1 : 0;
  switch (cost) {
    case SubstituteCost::kSimilarOrLower:
      return 0.7 + of_reduced;
    case SubstituteCost::kUpToTwice:
      return 0.8 + of_reduced;
    case SubstituteCost::kMoreThanTwice:
      return 0.9 + of_reduced;
  }
  return 1;
}

double SubstitutionIndexOfImportance(const std::vector<Application>& applications) {
  double index = 1;
  for (const Application& application : applications) {
    for (const SubstituteUse& substitute : application.substitutes) {
      index -= application.share * substitute.share * (1 - substitute.cost_performance);
    }
  }
  return index;
}

double SubstitutionIndexOfSupplyRisk(const std::vector<SubstituteSupply>& substitutes) {
  double index = 1;
  for (const SubstituteSupply& substitute : substitutes) {
    index -= substitute.share * (1 - AvailabilityOf(substitute));
  }
  return index;
}

bool IsCritical(double supply_risk, double economic_importance) {
  constexpr double kSupplyRiskThreshold = 1.0;
  constexpr double kImportanceThreshold = 2.8;
  return Rounded(supply_risk) >= kSupplyRiskThreshold && Rounded(economic_importance) >= kImportanceThreshold;
}

}  // namespace orewatch::risk
