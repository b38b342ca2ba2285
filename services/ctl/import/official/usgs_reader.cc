#include "services/ctl/import/official/usgs_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "services/ctl/import/names.h"
#include "services/ctl/import/official/usgs_heading.h"
#include "services/ctl/import/official/usgs_value.h"
#include "services/ctl/import/values.h"

namespace orewatch::ctl {
namespace {

constexpr absl::string_view kSection = "Section";
constexpr absl::string_view kCommodity = "Commodity";
constexpr absl::string_view kCountry = "Country";
constexpr absl::string_view kStatistics = "Statistics";
constexpr absl::string_view kDetail = "Statistics_detail";
constexpr absl::string_view kUnit = "Unit";
constexpr absl::string_view kYear = "Year";
constexpr absl::string_view kValue = "Value";
constexpr absl::string_view kNotes = "Notes";
constexpr absl::string_view kHeading = "Other notes";
constexpr absl::string_view kColumns[] = {"MCS chapter", kSection, kCommodity, kCountry, kStatistics, kDetail,
                                          kUnit,         kYear,    kValue,     kNotes,   kHeading};
// Followed by the year of the list.
constexpr absl::string_view kCriticalColumn = "Is critical mineral ";

constexpr absl::string_view kWorldTotal = "World total";
constexpr absl::string_view kOthers = "Other countries";
constexpr absl::string_view kProduction = "Production";
constexpr size_t kMaxBytes = size_t{64} << 20;

// Notes are several, parted by dashes; `Estimated.` is one, and so is `Estimated based on import data.`
bool SaysEstimated(absl::string_view notes) {
  const std::vector<absl::string_view> all = absl::StrSplit(notes, "--");
  return std::any_of(all.begin(), all.end(), [](absl::string_view note) {
    return absl::StartsWith(absl::StripLeadingAsciiWhitespace(note), "Estimated");
  });
}

// `Excludes U.S. production.`
bool SaysExcluded(absl::string_view notes) {
  return absl::StrContains(notes, "Excludes") || absl::StrContains(notes, "Does not include");
}

}  // namespace

struct UsgsReader::Record {
  int64_t line;
  const std::vector<std::string>& fields;
};

absl::Span<const absl::string_view> UsgsReader::Columns() { return kColumns; }

bool UsgsReader::ReadHeader(int64_t /*line*/, const std::vector<std::string>& fields) {
  header_ = Header(fields);
  for (const std::string& field : fields) {
    if (absl::StartsWith(field, kCriticalColumn)) {
      critical_column_ = field;
    }
  }
  return true;
}

absl::Status UsgsReader::ReadRecord(int64_t line, const std::vector<std::string>& fields) {
  const Record record{line, fields};
  if (fields.size() != header_.size()) {
    output_.file().Reject(line, "",
                          absl::StrCat("the row has ", fields.size(), " fields, the header ", header_.size()));
    return absl::OkStatus();
  }
  if (!IsWorldProduction(record)) {
    return absl::OkStatus();
  }
  if (production_.bytes() > kMaxBytes) {
    return MakeError(absl::StatusCode::kResourceExhausted, "FILE_TOO_LARGE",
                     absl::StrCat(output_.file().file(), ": has more figures of production than any release"));
  }
  const auto series = table_.Find(CellOf(record, kCommodity), CellOf(record, kDetail));
  CellOf(record, kCountry) == kWorldTotal ? TakeTotal(record, series) : TakeFigure(record, series);
  return absl::OkStatus();
}

absl::Status UsgsReader::Finish() { return production_.Give(output_); }

absl::string_view UsgsReader::CellOf(const Record& record, absl::string_view column) const {
  return header_.Cell(record.fields, column);
}

bool UsgsReader::IsWorldProduction(const Record& record) {
  const auto leave_out = [&](absl::string_view column, absl::string_view reason) {
    output_.file().LeaveOut(record.line, column, reason);
    return false;
  };
  const absl::string_view section = CellOf(record, kSection);
  if (!absl::StartsWith(section, "World")) {
    return leave_out(kSection, "the section is about the United States alone");
  }
  const absl::string_view statistics = CellOf(record, kStatistics);
  if (statistics != kProduction) {
    return leave_out(kStatistics, absl::StrCat("\"", statistics, "\" is not production"));
  }
  const absl::string_view unit = CellOf(record, kUnit);
  return MassExponent(unit).has_value() ||
         leave_out(kUnit, absl::StrCat("\"", unit, "\" is no mass that can be turned into tonnes"));
}

absl::optional<int32_t> UsgsReader::YearOf(const Record& record) {
  const auto year = ParseYear(CellOf(record, kYear));
  if (!year.ok()) {
    output_.file().Reject(record.line, kYear, year.status().message());
    return absl::nullopt;
  }
  return *year;
}

absl::optional<UsgsFigure> UsgsReader::FigureOf(const Record& record) {
  auto value = ParseUsgsValue(CellOf(record, kValue), MassExponent(CellOf(record, kUnit)).value_or(0));
  if (!value.ok()) {
    output_.file().Reject(record.line, kValue, value.status().message());
    return absl::nullopt;
  }
  const absl::string_view notes = CellOf(record, kNotes);
  UsgsFigure figure;
  figure.line = record.line;
  figure.detail = std::string(CellOf(record, kDetail));
  figure.value = *std::move(value);
  figure.estimated = SaysEstimated(notes);
  figure.excludes_unknown = SaysExcluded(notes);
  return figure;
}

UsgsCommodity UsgsReader::CommodityOf(const Record& record) const {
  UsgsCommodity commodity;
  commodity.name = std::string(CellOf(record, kCommodity));
  commodity.heading = std::string(CellOf(record, kHeading));
  if (!critical_column_.empty() && CellOf(record, critical_column_) == "Yes") {
    commodity.critical_lists.push_back(absl::StrCat("US_", absl::StripPrefix(critical_column_, kCriticalColumn)));
  }
  return commodity;
}

void UsgsReader::TakeTotal(const Record& record, const std::vector<const UsgsSeries*>& series) {
  const auto year = YearOf(record);
  const auto figure = year.has_value() ? FigureOf(record) : absl::nullopt;
  if (!figure.has_value()) {
    return;
  }
  for (const UsgsSeries* row : series) {
    production_.AddTotal(*row, CommodityOf(record), *year, *figure);
  }
  output_.file().LeaveOut(record.line, kCountry, "a world total is the output of no country");
}

void UsgsReader::TakeFigure(const Record& record, const std::vector<const UsgsSeries*>& series) {
  const UsgsCommodity commodity = CommodityOf(record);
  if (series.empty()) {
    return output_.file().LeaveOut(
        record.line, kDetail,
        absl::StrCat("no row of usgs_series.csv covers ", commodity.name, ": ", CellOf(record, kDetail)));
  }
  if (!series.front()->basis.has_value() && !CountedBy(commodity.heading).has_value()) {
    return output_.file().LeaveOut(record.line, kHeading, "does not say what the figures count");
  }
  const absl::string_view name = CellOf(record, kCountry);
  const absl::optional<std::string> country =
      name == kOthers ? absl::make_optional(std::string(kOtherCountries)) : codes_.Find(Publisher::kUsgs, name);
  if (!country.has_value() || country->empty()) {
    return output_.file().Reject(record.line, kCountry,
                                 absl::StrCat("country_codes.csv knows no country \"", name, "\" of the USGS"));
  }
  const auto year = YearOf(record);
  const auto figure = year.has_value() ? FigureOf(record) : absl::nullopt;
  if (!figure.has_value()) {
    return;
  }
  for (const UsgsSeries* row : series) {
    if (!production_.Add(*row, commodity, *year, *country, *figure)) {
      return output_.file().Reject(record.line, kCountry, "another row has the same series, country and year");
    }
  }
}

}  // namespace orewatch::ctl
