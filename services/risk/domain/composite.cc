#include "services/risk/domain/composite.h"

#include <algorithm>
#include <utility>

namespace orewatch::risk {
namespace {

constexpr double kHundred = 100;

double TotalWeight(const std::vector<Dimension>& dimensions) {
  double total = 0;
  for (const Dimension& dimension : dimensions) {
    total += dimension.weight;
  }
  return total;
}

double OnHundred(double fraction) { return kHundred * std::clamp(fraction, 0.0, 1.0); }

}  // namespace

Estimate CompositeRisk(const std::vector<Dimension>& dimensions) {
  const double total = TotalWeight(dimensions);
  Estimate composite{0.0, 0, 0.0, {}};
  for (const Dimension& dimension : dimensions) {
    for (const std::string& reason : dimension.risk.reasons) {
      AddReason(reason, composite.reasons);
    }
    if (!dimension.risk.value.has_value()) {
      composite.value.reset();
    }
    const double part = dimension.weight / total;
    if (composite.value.has_value()) {
      *composite.value += part * *dimension.risk.value;
    }
    composite.lower += part * dimension.risk.lower;
    *composite.upper += part * dimension.risk.upper.value_or(kHundred);
  }
  if (!composite.value.has_value()) {
    return {std::nullopt, 0, std::nullopt, std::move(composite.reasons)};
  }
  return composite;
}

double ContributionOf(const Dimension& dimension, const std::vector<Dimension>& dimensions) {
  return dimension.weight / TotalWeight(dimensions) * dimension.risk.value.value_or(0);
}

Estimate RiskOfFraction(Estimate fraction) {
  if (fraction.value.has_value()) {
    fraction.value = OnHundred(*fraction.value);
  }
  fraction.lower = OnHundred(fraction.lower);
  fraction.upper = OnHundred(fraction.upper.value_or(1));
  return fraction;
}

Estimate RiskWithoutRelief(Estimate relief, const std::string& reason) {
  if (!relief.value.has_value()) {
    AddReason(reason, relief.reasons);
    return {kHundred, 0, kHundred, std::move(relief.reasons)};
  }
  const double lower = kHundred - OnHundred(relief.upper.value_or(1));
  const double upper = kHundred - OnHundred(relief.lower);
  return {kHundred - OnHundred(*relief.value), lower, upper, std::move(relief.reasons)};
}

}  // namespace orewatch::risk
