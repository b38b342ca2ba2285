#include "services/risk/domain/score.h"

#include <algorithm>
#include <array>

namespace orewatch::risk {
namespace {

using Thresholds = std::array<double, 4>;

Thresholds ThresholdsOf(Method method) {
  switch (method) {
    case Method::kHhi:
      return {1000, 1800, 2500, 5000};
    case Method::kHhiGovernance:
      return {500, 1000, 2000, 4000};
    case Method::kEuSupplyRisk2017:
      return {0.5, 1, 2, 4};
    case Method::kCountryGovernance:
      return {2, 4, 6, 8};
  }
  return {};
}

Band BandAt(const Thresholds& thresholds, double value) {
  const auto above = std::upper_bound(thresholds.begin(), thresholds.end(), value) - thresholds.begin();
  return static_cast<Band>(above + 1);
}

bool SameEstimate(const Estimate& a, const Estimate& b) {
  return a.value == b.value && a.lower == b.lower && a.upper == b.upper && a.reasons == b.reasons;
}

}  // namespace

bool SameContent(const Score& a, const Score& b) {
  return a.key == b.key && SameEstimate(a.estimate, b.estimate) && a.reference_year == b.reference_year &&
         a.top_country == b.top_country && a.top_share == b.top_share && a.bottleneck == b.bottleneck &&
         a.known_stages == b.known_stages && a.hs6 == b.hs6 && a.inputs == b.inputs;
}

Band BandOf(Method method, const Estimate& estimate) {
  if (!estimate.value.has_value() || !estimate.upper.has_value()) {
    return Band::kUnspecified;
  }
  const Thresholds thresholds = ThresholdsOf(method);
  const Band lower = BandAt(thresholds, estimate.lower);
  return lower == BandAt(thresholds, *estimate.upper) ? lower : Band::kUnspecified;
}

}  // namespace orewatch::risk
