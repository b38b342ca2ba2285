// Supply risk of the US Geological Survey (Nassar et al. 2020, Science Advances 6:eaay8647): the geometric mean of the
// likelihood of a foreign disruption, the dependence on foreign supply and the harm that it would do.
//
//   SR = (DP * TE * EV)^(1/3)
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/risk/domain/concentration.h"

namespace orewatch::risk {

// How ability and willingness to supply make one likelihood. The source's text does not settle which.
enum class Likelihood { kProduct, kLarger };

struct UsgsParameters {
  std::string name = "usgs-2020";
  std::string edition = "1";
  Likelihood likelihood = Likelihood::kProduct;
  bool operator==(const UsgsParameters&) const = default;
};

// Of one country, each on 0 (best) to 1; nothing: unknown.
struct SupplierOutlook {
  std::optional<double> ability;
  std::optional<double> willingness;
};

// Sum of squared share of world production times likelihood, over the countries other than `own`, on 0 to 1. Without a
// value unless the likelihood of every one that produces is known; the bounds hold all the same. Reasons beside those
// of the shares: ABILITY_TO_SUPPLY_UNKNOWN, WILLINGNESS_TO_SUPPLY_UNKNOWN.
Estimate DisruptionPotential(const Shares& world_production, const std::set<std::string>& own,
                             const std::function<SupplierOutlook(const std::string&)>& outlook_of,
                             Likelihood likelihood);

// clip((imports - exports - increase of stocks) / apparent consumption, 0, 1); nothing without consumption.
std::optional<double> TradeExposure(double imports, double exports, double stock_increase, double consumption);

// An industry that uses the material, in one currency and year.
struct Consumer {
  double value_added = 0;
  double expenditure = 0;
  double operating_profit = 0;
};

// Sum of (value added / GDP) * (expenditure / operating profit); nothing where an industry makes no profit.
std::optional<double> RawEconomicVulnerability(const std::vector<Consumer>& industries, double gdp);

// Where the logarithm of a number above 0 lies between those of the least and the largest of a set, on 0 to 1. The
// source's own rescaling could not be verified. 0 for a number that is not above 0, 1 where the set is one number.
double RescaleLogarithm(double raw, double least, double largest);

// Without a value unless all three have one. A factor of 0 gives 0: no exposure, no risk.
Estimate GeometricMean(const Estimate& disruption, const Estimate& exposure, const Estimate& vulnerability);

}  // namespace orewatch::risk
