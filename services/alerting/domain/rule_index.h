// Which rules match a score, without looking at each of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

// The rules outlive it, and stay as they are. Thread-compatible.
class RuleIndex {
 public:
  // `lookups`: how often it will be asked; for a few times it does not sort them first.
  RuleIndex(const std::map<std::string, Rule>& rules, size_t lookups);

  // In the order of their ids. Valid until the next call.
  const std::vector<const Rule*>& Matching(const ScoreKey& key);

 private:
  // Of what they ask for in target or filter: the method, and the subject; 0 and empty: any.
  using Names = std::pair<int, absl::string_view>;

  // By id.
  std::vector<const Rule*> rules_;
  const bool sorted_;
  absl::flat_hash_map<Names, std::vector<uint32_t>> by_names_;
  std::vector<uint32_t> candidates_;
  std::vector<const Rule*> matching_;
};

}  // namespace orewatch::alerting
