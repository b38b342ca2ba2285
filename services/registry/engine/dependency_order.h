// In which order rows are written that refer to each other.
#pragma once

#include <cstddef>
#include <vector>

#include "services/registry/store/store.h"

namespace orewatch::registry {

// `touched`: of each row what AddTouched says, its own key first. Returns the numbers of all rows, each after those of
// the rows that it touches, as far as no circle forbids it; else in the order given. Rows in a circle, and what hangs
// on them, come last.
std::vector<size_t> DependencyOrder(const std::vector<std::vector<EntryKey>>& touched);

}  // namespace orewatch::registry
