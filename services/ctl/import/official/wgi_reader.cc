#include "services/ctl/import/official/wgi_reader.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/import/countries.h"
#include "services/ctl/import/values.h"

namespace orewatch::ctl {
namespace {

using registry::v1::Statistic;

constexpr absl::string_view kColumns[] = {"code", "countryname", "year", "indicator", "estimate"};
constexpr absl::string_view kMissing = "..";

struct Indicator {
  absl::string_view code;
  void (Statistic::Governance::*set)(double);
};

constexpr Indicator kIndicators[] = {{"va", &Statistic::Governance::set_voice_accountability},
                                     {"pv", &Statistic::Governance::set_political_stability},
                                     {"ge", &Statistic::Governance::set_government_effectiveness},
                                     {"rq", &Statistic::Governance::set_regulatory_quality},
                                     {"rl", &Statistic::Governance::set_rule_of_law},
                                     {"cc", &Statistic::Governance::set_control_of_corruption}};

}  // namespace

absl::Span<const absl::string_view> WgiReader::Columns() { return kColumns; }

bool WgiReader::ReadHeader(int64_t /*line*/, const std::vector<std::string>& fields) {
  header_ = Header(fields);
  return true;
}

absl::Status WgiReader::ReadRecord(int64_t line, const std::vector<std::string>& fields) {
  if (fields.size() != header_.size()) {
    output_.file().Reject(line, "",
                          absl::StrCat("the row has ", fields.size(), " fields, the header ", header_.size()));
    unreadable_line_ = line;
    return absl::OkStatus();
  }
  const absl::string_view code = header_.Cell(fields, "indicator");
  const auto* const indicator = std::find_if(std::begin(kIndicators), std::end(kIndicators),
                                             [&](const Indicator& candidate) { return candidate.code == code; });
  if (indicator == std::end(kIndicators)) {
    output_.file().LeaveOut(line, "indicator", absl::StrCat("\"", code, "\" is none of the six estimates"));
    return absl::OkStatus();
  }
  const absl::optional<std::string> country = CountryOf(line, fields);
  const absl::optional<int32_t> year = country.has_value() ? YearOf(line, fields) : absl::nullopt;
  if (!year.has_value()) {
    return absl::OkStatus();
  }
  const absl::string_view text = header_.Cell(fields, "estimate");
  const absl::StatusOr<double> estimate = text == kMissing ? 0.0 : ParseNumber(text);
  if (!estimate.ok()) {
    output_.file().Reject(line, "estimate", estimate.status().message());
    estimates_[{*country, *year}].bad_line = line;
    return absl::OkStatus();
  }
  Estimates& estimates = estimates_[{*country, *year}];
  const auto position = static_cast<size_t>(indicator - std::begin(kIndicators));
  if (estimates.lines.at(position) > 0) {
    output_.file().Reject(line, "indicator", "another row has the same estimate of the country and year");
    return absl::OkStatus();
  }
  estimates.lines.at(position) = line;
  estimates.values.at(position) = text == kMissing ? absl::nullopt : absl::make_optional(*estimate);
  latest_year_ = std::max(latest_year_, *year);
  return absl::OkStatus();
}

absl::optional<std::string> WgiReader::CountryOf(int64_t line, const std::vector<std::string>& fields) {
  const absl::string_view code = header_.Cell(fields, "code");
  const absl::optional<std::string> own = codes_.Find(Publisher::kWorldBank, code);
  if (own.has_value() && own->empty()) {
    output_.file().LeaveOut(line, "code", absl::StrCat("\"", code, "\" is a country that is no more"));
    return absl::nullopt;
  }
  const absl::StatusOr<std::string> alpha2 = own.has_value() ? *own : CountryAlpha2(code);
  if (!alpha2.ok()) {
    output_.file().Reject(line, "code", absl::StrCat("\"", code, "\" is no code of the World Bank or ISO 3166-1"));
    return absl::nullopt;
  }
  return *alpha2;
}

absl::optional<int32_t> WgiReader::YearOf(int64_t line, const std::vector<std::string>& fields) {
  const absl::StatusOr<int32_t> year = ParseYear(header_.Cell(fields, "year"));
  if (!year.ok()) {
    output_.file().Reject(line, "year", year.status().message());
    return absl::nullopt;
  }
  return *year;
}

Statistic WgiReader::StatisticOf(const std::string& country, int32_t year, const Estimates& estimates) const {
  const int32_t edition = latest_year_ + 1;
  Statistic statistic;
  statistic.set_dataset("wgi");
  statistic.set_year(year);
  auto& governance = *statistic.mutable_governance();
  governance.set_country(country);
  for (size_t i = 0; i < kEstimates; ++i) {
    if (estimates.values.at(i).has_value()) {
      (governance.*kIndicators[i].set)(*estimates.values.at(i));
    }
  }
  auto& provenance = *statistic.mutable_provenance();
  provenance.set_source(
      absl::StrCat("World Bank WGI ", edition, " update, estimates ", year, ", ", CountryAlpha3(country)));
  provenance.set_as_of(absl::StrCat(edition));
  provenance.set_licence("CC-BY-4.0");
  return statistic;
}

absl::Status WgiReader::Finish() {
  for (const auto& [key, estimates] : estimates_) {
    OREWATCH_RETURN_IF_ERROR(Give(key.first, key.second, estimates));
  }
  return absl::OkStatus();
}

absl::Status WgiReader::Give(const std::string& country, int32_t year, const Estimates& estimates) {
  std::vector<int64_t> lines;
  std::copy_if(estimates.lines.begin(), estimates.lines.end(), std::back_inserter(lines),
               [](int64_t line) { return line > 0; });
  std::sort(lines.begin(), lines.end());
  const int64_t unread = lines.size() < kEstimates ? unreadable_line_ : 0;
  if (const int64_t bad_line = std::max(estimates.bad_line, unread); bad_line != 0) {
    // It would take the place of a whole one.
    for (const int64_t line : lines) {
      output_.file().Reject(line, "", absl::StrCat("line ", bad_line, " may be of the same country and year"));
    }
    return absl::OkStatus();
  }
  if (std::any_of(estimates.values.begin(), estimates.values.end(),
                  [](const auto& value) { return value.has_value(); })) {
    OREWATCH_RETURN_IF_ERROR(output_.NeedCountry(lines.front(), country));
    return output_.Add(lines.front(), StatisticOf(country, year, estimates));
  }
  for (const int64_t line : lines) {
    output_.file().LeaveOut(line, "estimate", "the country has no estimate of the year");
  }
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
