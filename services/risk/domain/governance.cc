#include "services/risk/domain/governance.h"

#include <algorithm>

namespace orewatch::risk {

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

std::optional<double> GovernanceRisk(const GovernanceEstimates& estimates) {
  const std::optional<double> mean = MeanEstimate(estimates);
  if (!mean.has_value()) {
    return std::nullopt;
  }
  constexpr double kBestEstimate = 2.5;
  constexpr double kRange = 5;
  return std::clamp((kBestEstimate - *mean) / kRange, 0.0, 1.0);
}

std::optional<double> GovernanceScale::Find(const std::string& country) const {
  const auto found = risks_.find(country);
  return found == risks_.end() ? std::nullopt : std::optional<double>(found->second * scale_);
}

}  // namespace orewatch::risk
