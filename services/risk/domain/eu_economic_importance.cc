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
  double shares = 0;
  double unknown = 0;
  for (const EndUse& use : uses) {
    weighted += use.share * use.value_added.value_or(0);
    shares += use.share;
    unknown += use.value_added.has_value() ? 0 : use.share;
  }
  if (!(weighted > 0) || !(largest_value_added > 0)) {
    AddReason("NO_END_USES", importance.reasons);
    return importance;
  }
  importance.value = kScale * weighted / largest_value_added * substitution_index;
  importance.lower = unknown > 0 ? 0 : *importance.value;
  if (shares < 1 - kRoundingSlack) {
    unknown += 1 - shares;
    AddReason("END_USE_UNKNOWN", importance.reasons);
  }
  importance.upper = *importance.value + kScale * unknown * substitution_index;
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

bool IsCritical(double supply_risk, double economic_importance, const EconomicImportanceParameters& parameters) {
  return Rounded(supply_risk) >= parameters.critical_supply_risk &&
         Rounded(economic_importance) >= parameters.critical_importance;
}

Estimate Criticality(const Estimate& supply_risk, const Estimate& economic_importance,
                     const EconomicImportanceParameters& parameters) {
  Estimate critical;
  if (!supply_risk.value.has_value() || !economic_importance.value.has_value()) {
    return critical;
  }
  const auto at = [&](std::optional<double> risk, std::optional<double> importance) -> double {
    constexpr double kBeyondAnyScale = 1e9;
    return IsCritical(risk.value_or(kBeyondAnyScale), importance.value_or(kBeyondAnyScale), parameters) ? 1 : 0;
  };
  critical.value = at(supply_risk.value, economic_importance.value);
  critical.lower = at(supply_risk.lower, economic_importance.lower);
  critical.upper = at(supply_risk.upper, economic_importance.upper);
  return critical;
}

}  // namespace orewatch::risk
