// Governance of countries from the six World Bank estimates.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

namespace orewatch::risk {

// Voice and accountability, political stability, government effectiveness, regulatory quality, rule of law, control of
// corruption; each about -2.5 (worst) to 2.5; nothing: missing.
using GovernanceEstimates = std::array<std::optional<double>, 6>;

// Mean of the six; nothing unless all are there.
std::optional<double> MeanEstimate(const GovernanceEstimates& estimates);

// The mean on 0 (best) to 1 (worst): clip((2.5 - mean) / 5). Nothing if the mean is missing.
std::optional<double> GovernanceRisk(const GovernanceEstimates& estimates);

// Political stability and absence of violence alone on 0 (best) to 1 (worst). Nothing if it is missing.
std::optional<double> StabilityRisk(const GovernanceEstimates& estimates);

// Risk by country on a scale of its own, with the figure taken for a country that has none.
class GovernanceScale {
 public:
  // `scale` multiplies the risk of 0 to 1: 1 for shares of it, 10 for the EU methodology.
  // `imputed` stands on 0 to 1.
  GovernanceScale(double scale, double imputed) : scale_(scale), imputed_(imputed) {}

  void Set(const std::string& country, double risk_zero_to_one) { risks_[country] = risk_zero_to_one; }
  std::optional<double> Find(const std::string& country) const;
  // The same countries, with another figure for those that have none.
  GovernanceScale Imputing(double imputed) const;
  double imputed() const { return imputed_ * scale_; }
  double worst() const { return scale_; }

 private:
  double scale_;
  double imputed_;
  std::map<std::string, double> risks_;
};

}  // namespace orewatch::risk
