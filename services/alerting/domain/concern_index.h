// Which facts concern a name.
#pragma once

#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "services/alerting/domain/fact.h"

namespace orewatch::alerting {

using Facts = absl::btree_map<std::string, Fact>;

// Of facts that outlive it and are not changed meanwhile.
class ConcernIndex {
 public:
  explicit ConcernIndex(const Facts& facts);

  // In the order of their names; null: none.
  const std::vector<const Fact*>* Find(absl::string_view name) const;
  // Calls with each name of a collection that facts concern, in order.
  template <typename Call>
  void Each(absl::string_view collection, Call call) const {
    for (const auto& [name, facts] : facts_) {
      if (CollectionOfName(name) == collection) {
        call(name);
      }
    }
  }

  // `facilities` of `suppliers/jogmec/facilities/one`.
  static absl::string_view CollectionOfName(absl::string_view name);

 private:
  absl::btree_map<std::string, std::vector<const Fact*>> facts_;
};

// All that a fact concerns, itself among it.
std::vector<std::string> NamesIn(const Fact& fact);

}  // namespace orewatch::alerting
