// The first line of a file: which column stands where.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace orewatch::ctl {

class Header {
 public:
  Header() = default;
  // Blanks around a name do not count. Of columns with one name the first is meant.
  explicit Header(const std::vector<std::string>& fields);

  size_t size() const { return size_; }
  bool Has(absl::string_view column) const { return positions_.contains(column); }
  bool HasAll(absl::Span<const absl::string_view> columns) const;
  // The cell without the blanks around it; empty where there is no such column or field.
  absl::string_view Cell(const std::vector<std::string>& fields, absl::string_view column) const;

 private:
  absl::flat_hash_map<std::string, size_t> positions_;
  size_t size_ = 0;
};

}  // namespace orewatch::ctl
