// Rows turned into columns, for statements that take a whole table as arrays.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace orewatch::registry {

// What `get` says of each row, in order; enumerations become their numbers.
template <typename Value, typename Rows, typename Get>
std::vector<Value> Column(const Rows& rows, Get get) {
  std::vector<Value> column;
  column.reserve(rows.size());
  for (const auto& row : rows) {
    column.push_back(static_cast<Value>(get(row)));
  }
  return column;
}

}  // namespace orewatch::registry
