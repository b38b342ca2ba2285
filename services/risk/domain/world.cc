#include "services/risk/domain/world.h"

namespace orewatch::risk {
namespace {

int Distance(const std::string& measured_for, const std::string& region) {
  if (measured_for == region) {
    return 0;
  }
  return measured_for.empty() ? 1 : 2;
}

}  // namespace

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
  GovernanceScale governance(scale, world.parameters.imputed_governance);
  const GovernanceFacts& facts = *world.governance;
  for (auto it = facts.begin(); it != facts.end();) {
    const std::string& country = it->first.country;
    if (const auto risk = GovernanceRisk(LatestGovernance(facts, country)->second.estimates)) {
      governance.Set(country, *risk);
    }
    while (it != facts.end() && it->first.country == country) {
      ++it;
    }
  }
  return governance;
}

const ReliefFacts::value_type* NearestRelief(const ReliefFacts& facts, const std::string& mineral, Relief relief,
                                             const std::string& region) {
  const ReliefFacts::value_type* nearest = nullptr;
  const auto rank = [&](const ReliefKey& key) { return std::make_pair(Distance(key.region, region), -key.year); };
  for (auto it = facts.lower_bound({mineral, relief, 0, "", ""});
       it != facts.end() && it->first.mineral == mineral && it->first.relief == relief; ++it) {
    if (nearest == nullptr || rank(it->first) < rank(nearest->first)) {
      nearest = &*it;
    }
  }
  return nearest;
}

}  // namespace orewatch::risk
