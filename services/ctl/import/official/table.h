// Tables that say what a publisher's words mean to us: they come with the client, and a file may take their place.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace orewatch::ctl {

struct TableRow {
  int64_t line = 0;
  // In the order of the columns asked for, without blanks around them.
  std::vector<std::string> cells;
};

// All rows. INVALID_ARGUMENT: not CSV, a column is missing, a row has too few or too many fields, or there are more
// rows than any such table needs.
absl::StatusOr<std::vector<TableRow>> ReadTable(std::istream& stream, absl::Span<const absl::string_view> columns);

// INVALID_ARGUMENT with the line.
absl::Status TableError(int64_t line, absl::string_view reason);

}  // namespace orewatch::ctl
