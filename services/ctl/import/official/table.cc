#include "services/ctl/import/official/table.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/csv/csv_reader.h"
#include "services/ctl/import/header.h"

namespace orewatch::ctl {
namespace {

constexpr size_t kMaxRows = 100'000;

}  // namespace

absl::Status TableError(int64_t line, absl::string_view reason) {
  return MakeError(absl::StatusCode::kInvalidArgument, "TABLE_MALFORMED", absl::StrCat("line ", line, ": ", reason));
}

absl::StatusOr<std::vector<TableRow>> ReadTable(std::istream& stream, absl::Span<const absl::string_view> columns) {
  CsvReader csv(stream);
  std::vector<std::string> fields;
  OREWATCH_RETURN_IF_ERROR(csv.Next(fields).status());
  const Header header(fields);
  for (const absl::string_view column : columns) {
    if (!header.Has(column)) {
      return TableError(csv.line(), absl::StrCat("the column ", column, " is missing"));
    }
  }
  std::vector<TableRow> rows;
  while (true) {
    OREWATCH_ASSIGN_OR_RETURN(const bool more, csv.Next(fields));
    if (!more) {
      return rows;
    }
    if (fields.size() != header.size()) {
      return TableError(csv.line(), absl::StrCat("has ", fields.size(), " fields, the header ", header.size()));
    }
    if (rows.size() == kMaxRows) {
      return TableError(csv.line(), absl::StrCat("is beyond the ", kMaxRows, " rows that a table may have"));
    }
    TableRow& row = rows.emplace_back();
    row.line = csv.line();
    for (const absl::string_view column : columns) {
      row.cells.emplace_back(header.Cell(fields, column));
    }
  }
}

}  // namespace orewatch::ctl
