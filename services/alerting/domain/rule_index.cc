#include "services/alerting/domain/rule_index.h"

#include <algorithm>

namespace orewatch::alerting {
namespace {

// As many as it takes to make up for the sorting.
constexpr size_t kFewLookups = 16;

}  // namespace

RuleIndex::RuleIndex(const std::map<std::string, Rule>& rules, size_t lookups) : sorted_(lookups > kFewLookups) {
  rules_.reserve(rules.size());
  for (const auto& [id, rule] : rules) {
    if (!rule.disabled) {
      rules_.push_back(&rule);
    }
  }
  for (uint32_t place = 0; sorted_ && place < rules_.size(); ++place) {
    const ScoreKey& target = rules_[place]->target;
    const ScoreKey& filter = rules_[place]->filter.equalities();
    by_names_[Names(target.method != 0 ? target.method : filter.method,
                    !target.subject.empty() ? target.subject : filter.subject)]
        .push_back(place);
  }
}

const std::vector<const Rule*>& RuleIndex::Matching(const ScoreKey& key) {
  matching_.clear();
  const auto take = [&](const Rule* rule) {
    if (Matches(*rule, key)) {
      matching_.push_back(rule);
    }
  };
  if (!sorted_) {
    std::for_each(rules_.begin(), rules_.end(), take);
    return matching_;
  }
  candidates_.clear();
  for (const Names& names :
       {Names(key.method, key.subject), Names(key.method, ""), Names(0, key.subject), Names(0, "")}) {
    if (const auto found = by_names_.find(names); found != by_names_.end()) {
      candidates_.insert(candidates_.end(), found->second.begin(), found->second.end());
    }
  }
  std::sort(candidates_.begin(), candidates_.end());
  for (const uint32_t place : candidates_) {
    take(rules_[place]);
  }
  return matching_;
}

}  // namespace orewatch::alerting
