#include "services/ctl/import/official/usgs_series.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "services/ctl/import/official/table.h"
#include "services/ctl/import/official/words.h"

namespace orewatch::ctl {
namespace {

constexpr absl::string_view kColumns[] = {"commodity", "detail", "mineral",      "stage", "product",
                                          "basis",     "scope",  "display_name", "kind"};
constexpr absl::string_view kOtherCommodities = "*";
constexpr absl::string_view kAnd = " + ";

absl::StatusOr<UsgsSeries> SeriesOf(const TableRow& row) {
  UsgsSeries series;
  series.commodity = row.cells[0];
  series.details = absl::StrSplit(row.cells[1], kAnd, absl::SkipEmpty());
  if (series.commodity.empty() || series.details.empty()) {
    return TableError(row.line, "needs a commodity and a detail");
  }
  series.mineral = row.cells[2];
  OREWATCH_ASSIGN_OR_RETURN(series.stage, ParseStage(row.line, row.cells[3]));
  series.product = row.cells[4];
  if (!row.cells[5].empty()) {
    OREWATCH_ASSIGN_OR_RETURN(series.basis, ParseBasis(row.line, row.cells[5]));
  }
  series.scope = row.cells[6];
  series.display_name = row.cells[7];
  if (!row.cells[8].empty()) {
    OREWATCH_ASSIGN_OR_RETURN(series.kind, ParseMineralKind(row.line, row.cells[8]));
  }
  return series;
}

// Bytes of the detail that the series knows.
size_t KnownBytes(const UsgsSeries& series, absl::string_view detail) {
  size_t known = 0;
  for (const std::string& beginning : series.details) {
    known = absl::StartsWith(detail, beginning) ? std::max(known, beginning.size()) : known;
  }
  return known;
}

}  // namespace

absl::Span<const absl::string_view> UsgsSeriesTable::Columns() { return kColumns; }

absl::StatusOr<UsgsSeriesTable> UsgsSeriesTable::Parse(std::istream& stream) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, ReadTable(stream, kColumns));
  UsgsSeriesTable table;
  for (const TableRow& row : rows) {
    OREWATCH_ASSIGN_OR_RETURN(UsgsSeries series, SeriesOf(row));
    table.series_of_commodity_[series.commodity].push_back(std::move(series));
  }
  return table;
}

std::vector<const UsgsSeries*> UsgsSeriesTable::Find(absl::string_view commodity, absl::string_view detail) const {
  auto named = series_of_commodity_.find(commodity);
  if (named == series_of_commodity_.end()) {
    named = series_of_commodity_.find(kOtherCommodities);
  }
  std::vector<const UsgsSeries*> found;
  if (named == series_of_commodity_.end()) {
    return found;
  }
  size_t most = 1;
  for (const UsgsSeries& series : named->second) {
    const size_t known = KnownBytes(series, detail);
    if (known > most) {
      found.clear();
      most = known;
    }
    if (known == most) {
      found.push_back(&series);
    }
  }
  return found;
}

}  // namespace orewatch::ctl
