#include "services/risk/domain/governance.h"

#include <algorithm>

namespace orewatch::risk {
namespace {

// Its place among the six.
constexpr size_t kStability = 1;

std::optional<double> RiskAt(const std::optional<double>& estimate) {
  if (!estimate.has_value()) {
    return std::nullopt;
  }
  constexpr double kBestEstimate = 2.5;
  constexpr double kRange = 5;
  return std::clamp((kBestEstimate - *estimate) / kRange, 0.0, 1.0);
}

}  // namespace

std::optional<double> MeanEstimate(const GovernanceEstimates& estimates) {
  double sum = 0;
  for (const auto& estimate : estimates) {
    if (!estimate.has_value()) {
      return std::nullopt;
    }
    sum += *estimate;
  }
  return sum / static_cast<double>(estimates.size());
}

std::optional<double> GovernanceRisk(const GovernanceEstimates& estimates) { return RiskAt(MeanEstimate(estimates)); }

std::optional<double> StabilityRisk(const GovernanceEstimates& estimates) { return RiskAt(estimates[kStability]); }

GovernanceScale GovernanceScale::Imputing(double imputed) const {
  GovernanceScale scale = *this;
  scale.imputed_ = imputed;
  return scale;
}

std::optional<double> GovernanceScale::Find(const std::string& country) const {
  const auto found = risks_.find(country);
  return found == risks_.end() ? std::nullopt : std::optional<double>(found->second * scale_);
}

}  // namespace orewatch::risk
