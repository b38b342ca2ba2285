#include "services/risk/domain/concentration.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"

namespace orewatch::risk {
namespace {

// The least that h can become when countries of unknown amount join: each takes the amount that lowers the sum most,
// which gives h / (1 + h * S) with S the sum of their inverse weights.
double LowestWithUnknown(double h, const Shares& shares, const WeightOf& weight_of) {
  double inverse_weights = 0;
  for (const std::string& country : shares.unknown) {
    const double weight = weight_of(country).lower;
    if (weight <= 0) {
      return 0;
    }
    inverse_weights += 1 / weight;
  }
  return h / (1 + h * inverse_weights);
}

}  // namespace

Estimate WeightedHerfindahl(const Shares& shares, const WeightOf& weight_of, double worst) {
  Estimate estimate;
  estimate.reasons = shares.reasons;
  if (shares.empty()) {
    AddReason("NO_SHARES", estimate.reasons);
    return estimate;
  }
  double value = 0;
  double lower = 0;
  double upper = 0;
  for (const Share& share : shares.named) {
    const Weight weight = weight_of(share.country);
    const double square = share.value * share.value;
    value += square * weight.value;
    lower += square * weight.lower;
    upper += square * weight.upper;
    if (weight.imputed && share.value > 0) {
      AddReason(absl::StrCat("GOVERNANCE_IMPUTED:", share.country), estimate.reasons);
    }
  }
  estimate.value = value;
  estimate.lower = lower;
  if (shares.unknown.empty() || shares.capped) {
    estimate.upper = upper + shares.other * shares.other * worst;
  } else {
    estimate.lower = LowestWithUnknown(lower, shares, weight_of);
  }
  return estimate;
}

void Scale(double factor, Estimate& estimate) {
  if (estimate.value.has_value()) {
    *estimate.value *= factor;
  }
  estimate.lower *= factor;
  if (estimate.upper.has_value()) {
    *estimate.upper *= factor;
  }
}

void Unbound(Estimate& estimate) {
  estimate.lower = 0;
  estimate.upper.reset();
}

Estimate Herfindahl(const Shares& shares) {
  Estimate estimate = WeightedHerfindahl(
      shares,
      [](const std::string&) {
        return Weight{1, 1, 1, false};
      },
      /*worst=*/1);
  Scale(kFullConcentration, estimate);
  return estimate;
}

double NormalizedHerfindahl(double share_of_squares, int n) {
  if (n <= 1) {
    return 1;
  }
  const double even = 1.0 / n;
  return (share_of_squares - even) / (1 - even);
}

Estimate EffectiveNumber(const Estimate& share_of_squares) {
  Estimate number;
  if (share_of_squares.value.has_value() && *share_of_squares.value > 0) {
    number.value = 1 / *share_of_squares.value;
    number.lower = share_of_squares.upper.has_value() ? 1 / *share_of_squares.upper : 1;
    if (share_of_squares.lower > 0) {
      number.upper = 1 / share_of_squares.lower;
    }
  }
  return number;
}

Estimate LargestShares(const Shares& shares, int k) {
  Estimate largest;
  if (shares.empty()) {
    return largest;
  }
  std::vector<double> values;
  values.reserve(shares.named.size());
  for (const Share& share : shares.named) {
    values.push_back(share.value);
  }
  std::sort(values.begin(), values.end(), std::greater<>());
  values.resize(std::min(values.size(), static_cast<size_t>(k)));
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  largest.value = sum;
  largest.lower = sum;
  largest.upper = sum + shares.other;
  if (!shares.unknown.empty() && !shares.capped) {
    Unbound(largest);
  }
  return largest;
}

WeightOf GovernanceWeight(const GovernanceScale& scale) {
  return [&scale](const std::string& country) {
    if (const std::optional<double> risk = scale.Find(country)) {
      return Weight{*risk, *risk, *risk, false};
    }
    return Weight{scale.imputed(), 0, scale.worst(), true};
  };
}

std::optional<Share> TopShare(const Shares& shares) {
  std::optional<Share> top;
  for (const Share& share : shares.named) {
    if (!top.has_value() || share.value > top->value) {
      top = share;
    }
  }
  return top;
}

}  // namespace orewatch::risk
