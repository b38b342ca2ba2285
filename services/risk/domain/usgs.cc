#include "services/risk/domain/usgs.h"

#include <algorithm>
#include <cmath>

namespace orewatch::risk {
namespace {

double Combined(double ability, double willingness, Likelihood likelihood) {
  return likelihood == Likelihood::kProduct ? ability * willingness : std::max(ability, willingness);
}

// What is unknown may be best or worst; the value takes it for worst.
Weight WeightFrom(const SupplierOutlook& outlook, Likelihood likelihood) {
  const double worst = Combined(outlook.ability.value_or(1), outlook.willingness.value_or(1), likelihood);
  const double best = Combined(outlook.ability.value_or(0), outlook.willingness.value_or(0), likelihood);
  return {worst, best, worst, false};
}

}  // namespace

Estimate DisruptionPotential(const Shares& world_production, const std::set<std::string>& own,
                             const std::function<SupplierOutlook(const std::string&)>& outlook_of,
                             Likelihood likelihood) {
  const auto weight_of = [&](const std::string& country) {
    return own.count(country) > 0 ? Weight{} : WeightFrom(outlook_of(country), likelihood);
  };
  Estimate potential = WeightedHerfindahl(world_production, weight_of, /*worst=*/1);
  for (const Share& share : world_production.named) {
    if (share.value <= 0 || own.count(share.country) > 0) {
      continue;
    }
    const SupplierOutlook outlook = outlook_of(share.country);
    if (!outlook.ability.has_value()) {
      AddReason("ABILITY_TO_SUPPLY_UNKNOWN", potential.reasons);
      potential.value.reset();
    }
    if (!outlook.willingness.has_value()) {
      AddReason("WILLINGNESS_TO_SUPPLY_UNKNOWN", potential.reasons);
      potential.value.reset();
    }
  }
  return potential;
}

std::optional<double> TradeExposure(double imports, double exports, double stock_increase, double consumption) {
  if (!(consumption > 0)) {
    return std::nullopt;
  }
  return std::clamp((imports - exports - stock_increase) / consumption, 0.0, 1.0);
}

std::optional<double> RawEconomicVulnerability(const std::vector<Consumer>& industries, double gdp) {
  double sum = 0;
  for (const Consumer& industry : industries) {
    if (!(industry.operating_profit > 0)) {
      return std::nullopt;
    }
    sum += industry.value_added / gdp * (industry.expenditure / industry.operating_profit);
  }
  return gdp > 0 && !industries.empty() ? std::optional<double>(sum) : std::nullopt;
}

double RescaleLogarithm(double raw, double least, double largest) {
  if (!(raw > 0) || !(least > 0)) {
    return 0;
  }
  if (largest <= least) {
    return 1;
  }
  return std::clamp(std::log(raw / least) / std::log(largest / least), 0.0, 1.0);
}

Estimate GeometricMean(const Estimate& disruption, const Estimate& exposure, const Estimate& vulnerability) {
  Estimate mean;
  if (disruption.value.has_value() && exposure.value.has_value() && vulnerability.value.has_value()) {
    mean.value = std::cbrt(*disruption.value * *exposure.value * *vulnerability.value);
  }
  mean.lower = std::cbrt(disruption.lower * exposure.lower * vulnerability.lower);
  if (disruption.upper.has_value() && exposure.upper.has_value() && vulnerability.upper.has_value()) {
    mean.upper = std::cbrt(*disruption.upper * *exposure.upper * *vulnerability.upper);
  }
  for (const Estimate* factor : {&disruption, &exposure, &vulnerability}) {
    for (const std::string& reason : factor->reasons) {
      AddReason(reason, mean.reasons);
    }
  }
  return mean;
}

}  // namespace orewatch::risk
