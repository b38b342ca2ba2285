#include "services/ctl/import/official/mappings.h"

#include <sstream>
#include <string>
#include <utility>

#include "common/status/status.h"
#include "services/ctl/import/official/built_in.h"

namespace orewatch::ctl {
namespace {

// A table that comes with the client was read by its tests.
template <typename Table>
Table BuiltIn(absl::string_view text) {
  std::istringstream stream{std::string(text)};
  return *Table::Parse(stream);
}

// The header has the columns of a table, at most with the sources of its rows beside them.
bool IsOf(const Header& header, absl::Span<const absl::string_view> columns) {
  return header.HasAll(columns) && header.size() == columns.size() + (header.Has("source") ? 1 : 0);
}

template <typename Table>
absl::Status Replace(std::istream& stream, Table& table) {
  OREWATCH_ASSIGN_OR_RETURN(table, Table::Parse(stream));
  return absl::OkStatus();
}

}  // namespace

Mappings BuiltInMappings() {
  return {BuiltIn<CountryCodes>(kCountryCodesCsv), BuiltIn<Hs6Table>(kHs6Csv),
          BuiltIn<UsgsSeriesTable>(kUsgsSeriesCsv)};
}

bool IsMapping(const Header& header) {
  return IsOf(header, CountryCodes::Columns()) || IsOf(header, Hs6Table::Columns()) ||
         IsOf(header, UsgsSeriesTable::Columns());
}

absl::Status ReplaceMapping(const Header& header, std::istream& stream, Mappings& mappings) {
  if (IsOf(header, CountryCodes::Columns())) {
    return Replace(stream, mappings.countries);
  }
  return IsOf(header, Hs6Table::Columns()) ? Replace(stream, mappings.hs6) : Replace(stream, mappings.usgs);
}

}  // namespace orewatch::ctl
