#include "services/risk/domain/score.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace orewatch::risk {
namespace {

Band BandAt(const Thresholds& thresholds, double value) {
  const auto above = std::upper_bound(thresholds.begin(), thresholds.end(), value) - thresholds.begin();
  return static_cast<Band>(above + 1);
}

bool SameEstimate(const Estimate& a, const Estimate& b) {
  return a.value == b.value && a.lower == b.lower && a.upper == b.upper && a.reasons == b.reasons;
}

bool SameComponents(const std::vector<Component>& a, const std::vector<Component>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Component& x, const Component& y) {
    return x.name == y.name && x.unit == y.unit && SameEstimate(x.estimate, y.estimate);
  });
}

// Which series a score reads.
auto SeriesOf(const Score& score) {
  std::set<std::tuple<std::string, std::string, BasisNumber, std::string>> series;
  for (const Input& input : score.inputs) {
    if (!input.dataset.empty() && input.basis != 0) {
      series.emplace(input.dataset, input.product, input.basis, input.scope);
    }
  }
  return series;
}

// The years of what is read, apart from what is no yearly figure.
std::set<std::pair<std::string, int>> YearsOf(const Score& score) {
  std::set<std::pair<std::string, int>> years;
  for (const Input& input : score.inputs) {
    if (input.year != 0) {
      years.emplace(input.dataset, input.year);
    }
  }
  return years;
}

// The figures of countries, with whatever was computed from them left out.
auto FiguresOf(const Score& score) {
  std::set<std::tuple<std::string, std::string, std::string, int, std::optional<double>, bool, std::optional<double>>>
      figures;
  for (const Input& input : score.inputs) {
    if (input.year == 0) {
      continue;
    }
    const bool quantity = input.basis != 0;
    figures.emplace(input.country, input.dataset, quantity ? input.product : input.role, input.year,
                    quantity ? input.figure.amount : input.value, input.figure.withheld, input.figure.value_usd);
  }
  return figures;
}

}  // namespace

bool SameContent(const Score& a, const Score& b) {
  return a.key == b.key && SameEstimate(a.estimate, b.estimate) && a.reference_year == b.reference_year &&
         a.top_country == b.top_country && a.top_share == b.top_share && a.bottleneck == b.bottleneck &&
         a.known_stages == b.known_stages && a.hs6 == b.hs6 && a.inputs == b.inputs &&
         SameComponents(a.components, b.components) && a.parameters == b.parameters && a.notes == b.notes;
}

ChangeCause CauseOf(const Score& before, const Score& after) {
  if (before.inputs.empty() || after.inputs.empty()) {
    return ChangeCause::kReal;
  }
  if (SeriesOf(before) != SeriesOf(after)) {
    return ChangeCause::kScope;
  }
  if (YearsOf(before) != YearsOf(after)) {
    return ChangeCause::kNewYear;
  }
  return FiguresOf(before) == FiguresOf(after) ? ChangeCause::kReal : ChangeCause::kRestated;
}

std::map<Method, Thresholds> DefaultThresholds() {
  constexpr Thresholds kOfHhi = {1000, 1800, 2500, 5000};
  constexpr Thresholds kOfGovernance = {500, 1000, 2000, 4000};
  return {{Method::kHhi, kOfHhi},
          {Method::kHhiOwnership, kOfHhi},
          {Method::kHhiGovernance, kOfGovernance},
          {Method::kHhiGovernanceExports, kOfGovernance},
          {Method::kEuSupplyRisk2017, {0.5, 1, 2, 4}},
          {Method::kCountryGovernance, {2, 4, 6, 8}},
          {Method::kOrewatch2026, {20, 40, 60, 80}},
          {Method::kOrewatchSupplier2026, {20, 40, 60, 80}}};
}

Band BandOf(const Estimate& estimate, Method method, const std::map<Method, Thresholds>& thresholds) {
  const auto found = thresholds.find(method);
  if (!estimate.value.has_value() || !estimate.upper.has_value() || found == thresholds.end()) {
    return Band::kUnspecified;
  }
  const Band lower = BandAt(found->second, estimate.lower);
  return lower == BandAt(found->second, *estimate.upper) ? lower : Band::kUnspecified;
}

}  // namespace orewatch::risk
