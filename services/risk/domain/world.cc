#include "services/risk/domain/world.h"

#include "absl/strings/numbers.h"

namespace orewatch::risk {
namespace {

int Distance(const std::string& measured_for, const std::string& region) {
  if (measured_for == region) {
    return 0;
  }
  return measured_for.empty() ? 1 : 2;
}

// Every country's risk by its latest estimates.
GovernanceScale ScaleOf(const GovernanceFacts& facts, double scale, double imputed,
                        std::optional<double> (*risk_of)(const GovernanceEstimates&)) {
  GovernanceScale risks(scale, imputed);
  for (auto it = facts.begin(); it != facts.end();) {
    const std::string& country = it->first.country;
    if (const auto risk = risk_of(LatestGovernance(facts, country)->second.estimates)) {
      risks.Set(country, *risk);
    }
    while (it != facts.end() && it->first.country == country) {
      ++it;
    }
  }
  return risks;
}

}  // namespace

int StockpileFact::year() const {
  constexpr size_t kYearLength = 4;
  int year = 0;
  return absl::SimpleAtoi(provenance.as_of.substr(0, kYearLength), &year) ? year : 0;
}

const GovernanceFacts::value_type* LatestGovernance(const GovernanceFacts& facts, const std::string& country) {
  const GovernanceFacts::value_type* latest = nullptr;
  for (auto it = facts.lower_bound({country, 0, ""}); it != facts.end() && it->first.country == country; ++it) {
    if (latest == nullptr || it->first.year > latest->first.year) {
      latest = &*it;
    }
  }
  return latest;
}

GovernanceScale GovernanceScaleOf(const World& world, double scale) {
  return ScaleOf(*world.governance, scale, world.parameters.imputed_governance, GovernanceRisk);
}

GovernanceScale StabilityScaleOf(const World& world) {
  return ScaleOf(*world.governance, 1, world.parameters.geopolrisk.imputed_governance, StabilityRisk);
}

const IndicatorFacts::value_type* NearestIndicator(const IndicatorFacts& facts, const std::string& subject,
                                                   Indicator indicator, const std::string& region) {
  const IndicatorFacts::value_type* nearest = nullptr;
  const auto rank = [&](const IndicatorKey& key) { return std::make_pair(Distance(key.region, region), -key.year); };
  for (auto it = facts.lower_bound({subject, indicator, 0, "", ""});
       it != facts.end() && it->first.subject == subject && it->first.indicator == indicator; ++it) {
    if (nearest == nullptr || rank(it->first) < rank(nearest->first)) {
      nearest = &*it;
    }
  }
  return nearest;
}

const IndicatorFacts::value_type* IndicatorOf(const IndicatorFacts& facts, const std::string& subject,
                                              Indicator indicator, const std::string& region) {
  const auto* nearest = NearestIndicator(facts, subject, indicator, region);
  return nearest != nullptr && nearest->first.region == region ? nearest : nullptr;
}

}  // namespace orewatch::risk
