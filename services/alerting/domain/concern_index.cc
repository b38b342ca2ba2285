#include "services/alerting/domain/concern_index.h"

#include <algorithm>

namespace orewatch::alerting {

ConcernIndex::ConcernIndex(const Facts& facts) {
  for (const auto& [resource, fact] : facts) {
    for (const std::string& name : NamesIn(fact)) {
      facts_[name].push_back(&fact);
    }
  }
}

const std::vector<const Fact*>* ConcernIndex::Find(absl::string_view name) const {
  const auto found = facts_.find(name);
  return found == facts_.end() ? nullptr : &found->second;
}

absl::string_view ConcernIndex::CollectionOfName(absl::string_view name) {
  const size_t id = name.rfind('/');
  if (id == absl::string_view::npos) {
    return "";
  }
  const absl::string_view collection = name.substr(0, id);
  const size_t parent = collection.rfind('/');
  return parent == absl::string_view::npos ? collection : collection.substr(parent + 1);
}

std::vector<std::string> NamesIn(const Fact& fact) {
  std::vector<std::string> names = fact.concerns;
  names.push_back(fact.resource);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace orewatch::alerting
