#include "services/risk/domain/country_scorer.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"

namespace orewatch::risk {
namespace {

constexpr double kScale = 10;

// In the order of GovernanceEstimates.
constexpr std::array<const char*, 6> kRoles = {
    "voice_accountability", "political_stability", "government_effectiveness",
    "regulatory_quality",   "rule_of_law",         "control_of_corruption"};

}  // namespace

Score CountryGovernance(const World& world, const std::string& country) {
  Score score;
  score.key = {absl::StrCat("countries/", country), 0, "", Method::kCountryGovernance};
  const auto* fact = LatestGovernance(*world.governance, country);
  if (fact == nullptr) {
    AddReason("NO_GOVERNANCE", score.estimate.reasons);
    return score;
  }
  score.reference_year = fact->first.year;
  if (const auto risk = GovernanceRisk(fact->second.estimates)) {
    score.estimate.value = kScale * *risk;
    score.estimate.lower = kScale * *risk;
    score.estimate.upper = kScale * *risk;
  } else {
    AddReason("GOVERNANCE_INCOMPLETE", score.estimate.reasons);
  }
  for (size_t i = 0; i < kRoles.size(); ++i) {
    Input input;
    input.role = kRoles[i];
    input.country = country;
    input.value = fact->second.estimates[i];
    input.year = fact->first.year;
    input.dataset = fact->first.dataset;
    input.figure.provenance = fact->second.provenance;
    score.inputs.push_back(std::move(input));
  }
  score.band = BandOf(score.estimate, score.key.method, world.parameters.thresholds);
  return score;
}

}  // namespace orewatch::risk
