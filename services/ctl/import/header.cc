#include "services/ctl/import/header.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace orewatch::ctl {

Header::Header(const std::vector<std::string>& fields) : size_(fields.size()) {
  for (size_t i = 0; i < fields.size(); ++i) {
    positions_.emplace(std::string(absl::StripAsciiWhitespace(fields[i])), i);
  }
}

bool Header::HasAll(absl::Span<const absl::string_view> columns) const {
  return std::all_of(columns.begin(), columns.end(), [&](absl::string_view column) { return Has(column); });
}

absl::string_view Header::Cell(const std::vector<std::string>& fields, absl::string_view column) const {
  const auto found = positions_.find(column);
  return found == positions_.end() || found->second >= fields.size()
             ? absl::string_view()
             : absl::string_view(absl::StripAsciiWhitespace(fields[found->second]));
}

}  // namespace orewatch::ctl
