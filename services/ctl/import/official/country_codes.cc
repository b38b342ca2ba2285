#include "services/ctl/import/official/country_codes.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/import/countries.h"
#include "services/ctl/import/official/table.h"

namespace orewatch::ctl {
namespace {

constexpr absl::string_view kColumns[] = {"publisher", "code", "country", "name"};
constexpr std::pair<absl::string_view, Publisher> kPublishers[] = {
    {"usgs", Publisher::kUsgs}, {"baci", Publisher::kBaci}, {"world-bank", Publisher::kWorldBank}};

absl::StatusOr<Publisher> PublisherOf(const TableRow& row) {
  for (const auto& [word, publisher] : kPublishers) {
    if (row.cells[0] == word) {
      return publisher;
    }
  }
  return TableError(row.line, absl::StrCat("\"", row.cells[0], "\" is not one of usgs, baci, world-bank"));
}

}  // namespace

absl::Span<const absl::string_view> CountryCodes::Columns() { return kColumns; }

absl::StatusOr<CountryCodes> CountryCodes::Parse(std::istream& stream) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, ReadTable(stream, kColumns));
  CountryCodes codes;
  for (const TableRow& row : rows) {
    OREWATCH_ASSIGN_OR_RETURN(const Publisher publisher, PublisherOf(row));
    const std::string& country = row.cells[2];
    if (const auto known = CountryAlpha2(country); !country.empty() && (!known.ok() || *known != country)) {
      return TableError(row.line, absl::StrCat("\"", country, "\" is no ISO 3166-1 alpha-2 code"));
    }
    if (!codes.codes_.try_emplace({publisher, row.cells[1]}, country).second) {
      return TableError(row.line, absl::StrCat("the code ", row.cells[1], " of ", row.cells[0], " stands twice"));
    }
    codes.names_.try_emplace(country, row.cells[3]);
  }
  return codes;
}

absl::optional<std::string> CountryCodes::Find(Publisher publisher, absl::string_view code) const {
  const auto found = codes_.find(std::make_pair(publisher, std::string(code)));
  return found == codes_.end() ? absl::nullopt : absl::make_optional(found->second);
}

std::string CountryCodes::NameOf(absl::string_view alpha2) const {
  const auto found = names_.find(alpha2);
  return found == names_.end() ? std::string(alpha2) : found->second;
}

}  // namespace orewatch::ctl
