// Economic importance and the substitution indices of the European Commission's methodology for its lists of critical
// raw materials, 2017 (ISBN 978-92-79-68051-9).
//
//   EI    = 10 * sum(share of end use * value added of its sector) / largest value added * SI_EI
//   SI_EI = sum over applications and substitutes (cost and performance * share of substitute * share of application)
//   SI_SR = sum over substitutes ((production * criticality * co-production)^(1/3) * its share of all applications)
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/concentration.h"

namespace orewatch::risk {

struct EconomicImportanceParameters {
  std::string name = "eu-economic-importance-2017";
  // Of these figures under that name.
  std::string edition = "1";
  double critical_supply_risk = 1.0;
  double critical_importance = 2.8;
  bool operator==(const EconomicImportanceParameters&) const = default;
};

// One use of a material, in one sector.
struct EndUse {
  // Of all uses, in [0, 1].
  double share = 0;
  // Of the sector (NACE, two digits), in one currency and year; nothing: unknown.
  std::optional<double> value_added;
};

// On 0 to 10. What the shares leave over is use of unknown purpose: it adds nothing to the value, and the upper bound
// lets it be in the largest sector (END_USE_UNKNOWN). So does it use in a sector of unknown value added, which may also
// be larger than all others, so that the lower bound is 0. Unset with NO_END_USES without any use of a sector that adds
// value.
Estimate EconomicImportance(const std::vector<EndUse>& uses, double largest_value_added, double substitution_index);

// The least that substitution can make of importance: all of it by what is as good and no dearer.
inline constexpr double kLeastSubstitutionIndex = 0.7;

enum class SubstituteCost { kSimilarOrLower, kUpToTwice, kMoreThanTwice };
enum class SubstitutePerformance { kSimilar, kReduced };
double CostPerformance(SubstituteCost cost, SubstitutePerformance performance);

// What could stand in for a material in one application.
struct SubstituteUse {
  // Of the application, in [0, 1].
  double share = 0;
  double cost_performance = 1;
};
struct Application {
  // Of all uses of the material, in [0, 1].
  double share = 0;
  std::vector<SubstituteUse> substitutes;
};
// Whatever part of an application, or of all uses, no substitute is named for counts as without one: 1, no relief.
double SubstitutionIndexOfImportance(const std::vector<Application>& applications);

// How readily a substitute can be had.
struct SubstituteSupply {
  // Of all uses of the material, in [0, 1]: the sum over applications of its share there times theirs.
  double share = 0;
  // World output of the substitute is above that of the material.
  bool produced_more = false;
  // On no earlier list of critical raw materials.
  bool uncritical = false;
  enum class Origin { kMainProduct, kBoth, kByProduct };
  Origin origin = Origin::kByProduct;
};
// Whatever part no substitute is named for counts as 1.
double SubstitutionIndexOfSupplyRisk(const std::vector<SubstituteSupply>& substitutes);

// Both at least at their thresholds (1.0 and 2.8), rounded to one decimal.
bool IsCritical(double supply_risk, double economic_importance, const EconomicImportanceParameters& parameters);

// 1 if critical, else 0, end by end; without a value unless both have one.
Estimate Criticality(const Estimate& supply_risk, const Estimate& economic_importance,
                     const EconomicImportanceParameters& parameters);

}  // namespace orewatch::risk
