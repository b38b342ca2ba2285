#include "services/alerting/domain/past_facts.h"

#include <algorithm>

namespace orewatch::alerting {

FactSieve::FactSieve(const Rule& rule)
    : happenings_(HappeningsOf(rule.condition)),
      keeps_all_(IsCombination(rule.condition) && rule.no_data == NoDataPolicy::kFire) {}

bool FactSieve::Keeps(const Fact& fact) {
  const auto any = [&](bool (*asks)(const Happening&, const Fact&)) {
    return std::any_of(happenings_.begin(), happenings_.end(), [&](const Happening* it) { return asks(*it, fact); });
  };
  if (any(&MayMeet)) {
    asked_for_.insert(fact.resource);
  }
  if (!keeps_all_ && !Knows(fact.resource) && !any(&Asks)) {
    return false;
  }
  known_.insert(fact.resource);
  return true;
}

void FactSieve::Sift(FactBatch& batch) {
  std::erase_if(batch.facts, [&](const Fact& fact) { return !Keeps(fact); });
  std::erase_if(batch.removed, [&](const std::string& resource) { return !Knows(resource); });
}

}  // namespace orewatch::alerting
