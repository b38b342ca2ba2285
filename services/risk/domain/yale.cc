#include "services/risk/domain/yale.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace orewatch::risk {
namespace {

constexpr double kWorst = 100;
constexpr double kMiddle = 50;

// The mean of what has a value, and of the bounds of all.
Estimate MeanAtHand(const std::vector<const Estimate*>& estimates) {
  Estimate mean{std::nullopt, 0, 0, {}};
  double sum = 0;
  int at_hand = 0;
  for (const Estimate* estimate : estimates) {
    if (estimate->value.has_value()) {
      sum += *estimate->value;
      ++at_hand;
    }
    mean.lower += estimate->lower;
    *mean.upper += estimate->upper.value_or(kWorst);
    for (const std::string& reason : estimate->reasons) {
      AddReason(reason, mean.reasons);
    }
  }
  const auto count = static_cast<double>(estimates.size());
  mean.lower /= count;
  *mean.upper /= count;
  if (at_hand > 0) {
    mean.value = sum / at_hand;
  }
  return mean;
}

}  // namespace

Estimate MissingIndicator(std::string reason) { return {std::nullopt, 0, kWorst, {std::move(reason)}}; }

double DepletionScore(double years, const YaleParameters& parameters) {
  return std::clamp(kWorst - parameters.depletion_linear * years - parameters.depletion_quadratic * years * years, 0.0,
                    kWorst);
}

Estimate DepletionIndicator(const Estimate& years, const YaleParameters& parameters) {
  if (!years.value.has_value()) {
    return {std::nullopt, 0, kWorst, years.reasons};
  }
  // More years are less risk.
  const double lower = years.upper.has_value() ? DepletionScore(*years.upper, parameters) : 0;
  return {DepletionScore(*years.value, parameters), lower, DepletionScore(years.lower, parameters), years.reasons};
}

double ConcentrationScore(double hhi, const YaleParameters& parameters) {
  return hhi <= 0 ? 0
                  : std::clamp(parameters.concentration_slope * std::log(hhi) - parameters.concentration_intercept, 0.0,
                               kWorst);
}

Estimate ConcentrationIndicator(const Estimate& hhi, const YaleParameters& parameters) {
  if (!hhi.value.has_value()) {
    return {std::nullopt, 0, kWorst, hhi.reasons};
  }
  return {ConcentrationScore(*hhi.value, parameters), ConcentrationScore(hhi.lower, parameters),
          hhi.upper.has_value() ? ConcentrationScore(*hhi.upper, parameters) : kWorst, hhi.reasons};
}

std::optional<Estimate> ProductionWeighted(const Shares& production,
                                           const std::function<std::optional<Weight>(const std::string&)>& figure_of) {
  if (production.empty()) {
    return std::nullopt;
  }
  Estimate mean{production.other * kMiddle, 0, production.other * kWorst, production.reasons};
  for (const Share& share : production.named) {
    if (share.value <= 0) {
      continue;
    }
    const auto figure = figure_of(share.country);
    if (!figure.has_value()) {
      return std::nullopt;
    }
    *mean.value += share.value * figure->value;
    mean.lower += share.value * figure->lower;
    *mean.upper += share.value * figure->upper;
    if (figure->imputed) {
      AddReason(absl::StrCat("GOVERNANCE_IMPUTED:", share.country), mean.reasons);
    }
  }
  if (!production.unknown.empty() && !production.capped) {
    mean.lower = 0;
    mean.upper = kWorst;
  }
  return mean;
}

Estimate YaleSupplyRisk(const YaleIndicators& indicators) {
  const std::array<Estimate, 3> parts = {MeanAtHand({&indicators.depletion, &indicators.companion}),
                                         MeanAtHand({&indicators.policy, &indicators.development}),
                                         MeanAtHand({&indicators.stability, &indicators.concentration})};
  Estimate risk = MeanAtHand({&parts[0], &parts[1], &parts[2]});
  if (!risk.value.has_value()) {
    AddReason("NO_INDICATORS", risk.reasons);
  }
  return risk;
}

}  // namespace orewatch::risk
