// Rows turned into columns, for statements that take a whole table as arrays; and what else goes to the server.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
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

inline int64_t AsBigint(size_t value) {
  return static_cast<int64_t>(std::min<size_t>(value, std::numeric_limits<int64_t>::max()));
}

}  // namespace orewatch::registry
