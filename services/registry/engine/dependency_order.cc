#include "services/registry/engine/dependency_order.h"

#include <functional>
#include <queue>

#include "absl/container/flat_hash_map.h"

namespace orewatch::registry {

std::vector<size_t> DependencyOrder(const std::vector<std::vector<EntryKey>>& touched) {
  absl::flat_hash_map<EntryKey, size_t> row_of;
  for (size_t row = 0; row < touched.size(); ++row) {
    row_of.emplace(touched[row].front(), row);
  }
  std::vector<std::vector<size_t>> dependents(touched.size());
  std::vector<size_t> missing(touched.size(), 0);
  for (size_t row = 0; row < touched.size(); ++row) {
    for (const EntryKey& key : touched[row]) {
      if (const auto found = row_of.find(key); found != row_of.end() && found->second != row) {
        dependents[found->second].push_back(row);
        ++missing[row];
      }
    }
  }
  std::priority_queue<size_t, std::vector<size_t>, std::greater<>> ready;
  for (size_t row = 0; row < touched.size(); ++row) {
    if (missing[row] == 0) {
      ready.push(row);
    }
  }
  std::vector<size_t> order;
  for (; !ready.empty();) {
    const size_t row = ready.top();
    ready.pop();
    order.push_back(row);
    for (const size_t dependent : dependents[row]) {
      if (--missing[dependent] == 0) {
        ready.push(dependent);
      }
    }
  }
  for (size_t row = 0; row < touched.size(); ++row) {
    if (missing[row] > 0) {
      order.push_back(row);
    }
  }
  return order;
}

}  // namespace orewatch::registry
