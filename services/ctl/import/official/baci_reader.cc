#include "services/ctl/import/official/baci_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "services/ctl/import/values.h"

namespace orewatch::ctl {
namespace {

using registry::v1::Mineral;
using registry::v1::Statistic;
using type::v1::Provenance;

constexpr absl::string_view kYear = "t";
constexpr absl::string_view kExporter = "i";
constexpr absl::string_view kImporter = "j";
constexpr absl::string_view kProduct = "k";
constexpr absl::string_view kValue = "v";
constexpr absl::string_view kQuantity = "q";
constexpr absl::string_view kColumns[] = {kYear, kExporter, kImporter, kProduct, kValue, kQuantity};
constexpr absl::string_view kNotAvailable = "NA";
// Values are in thousand US dollars.
constexpr int kThousand = 3;
constexpr size_t kYearDigits = 4;

bool AllDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

}  // namespace

BaciEdition BaciEditionOf(absl::string_view path) {
  constexpr size_t kVersionDigits = 6;
  const size_t slash = path.rfind('/');
  absl::string_view name = slash == absl::string_view::npos ? path : path.substr(slash + 1);
  name = name.substr(0, name.find('.'));
  BaciEdition edition;
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '_');
  if (parts.front() != "BACI") {
    return edition;
  }
  for (absl::string_view part : parts) {
    if (absl::string_view year = part; absl::ConsumePrefix(&year, "HS") && AllDigits(year)) {
      edition.nomenclature = std::string(part);
    } else if (absl::ConsumePrefix(&part, "V") && part.size() == kVersionDigits && AllDigits(part)) {
      edition.version = std::string(part);
    }
  }
  return edition;
}

BaciReader::BaciReader(const Hs6Table& forms, const CountryCodes& codes, StatisticOutput& output)
    : forms_(forms), codes_(codes), output_(output), dataset_("cepii-baci"), publication_("CEPII BACI") {
  const BaciEdition edition = BaciEditionOf(output.file().file());
  if (!edition.nomenclature.empty()) {
    absl::StrAppend(&dataset_, "-", absl::AsciiStrToLower(edition.nomenclature));
    absl::StrAppend(&publication_, " ", edition.nomenclature);
  }
  if (!edition.version.empty()) {
    absl::StrAppend(&publication_, " V", edition.version);
    as_of_ = absl::StrCat(edition.version.substr(0, kYearDigits), "-", edition.version.substr(kYearDigits));
  }
}

absl::Span<const absl::string_view> BaciReader::Columns() { return kColumns; }

bool BaciReader::ReadHeader(int64_t /*line*/, const std::vector<std::string>& fields) {
  header_ = Header(fields);
  return true;
}

absl::Status BaciReader::ReadRecord(int64_t line, const std::vector<std::string>& fields) {
  if (fields.size() != header_.size()) {
    output_.file().Reject(line, "",
                          absl::StrCat("the row has ", fields.size(), " fields, the header ", header_.size()));
    return absl::OkStatus();
  }
  const absl::string_view code = header_.Cell(fields, kProduct);
  const TradedForm* form = forms_.Find(code);
  if (form == nullptr) {
    output_.file().LeaveOut(line, kProduct, "the code is of no mineral in hs6.csv");
    return absl::OkStatus();
  }
  Statistic statistic;
  const auto exporter = CountryOf(line, kExporter, header_.Cell(fields, kExporter));
  const auto importer = CountryOf(line, kImporter, header_.Cell(fields, kImporter));
  if (!exporter.has_value() || !importer.has_value() || !SetYear(line, header_.Cell(fields, kYear), statistic) ||
      !SetAmounts(line, fields, statistic)) {
    return absl::OkStatus();
  }
  if (*exporter == *importer) {
    output_.file().LeaveOut(line, kImporter, "exporter and importer are the same country");
    return absl::OkStatus();
  }
  statistic.mutable_trade()->set_exporter(*exporter);
  statistic.mutable_trade()->set_importer(*importer);
  SetForm(*form, code, statistic);
  OREWATCH_RETURN_IF_ERROR(output_.NeedMineral(line, form->mineral, [&] { return MineralOf(*form, code); }));
  OREWATCH_RETURN_IF_ERROR(output_.NeedCountry(line, *exporter));
  OREWATCH_RETURN_IF_ERROR(output_.NeedCountry(line, *importer));
  return output_.Add(line, std::move(statistic));
}

absl::Status BaciReader::Finish() { return absl::OkStatus(); }

bool BaciReader::SetYear(int64_t line, absl::string_view text, Statistic& statistic) {
  const absl::StatusOr<int32_t> year = ParseYear(text);
  if (!year.ok()) {
    output_.file().Reject(line, kYear, year.status().message());
    return false;
  }
  statistic.set_year(*year);
  return true;
}

bool BaciReader::SetAmounts(int64_t line, const std::vector<std::string>& fields, Statistic& statistic) {
  const absl::StatusOr<double> value = ParseScaled(header_.Cell(fields, kValue), kThousand);
  if (!value.ok()) {
    output_.file().Reject(line, kValue, value.status().message());
    return false;
  }
  statistic.mutable_trade()->set_value_usd(*value);
  const absl::string_view quantity = header_.Cell(fields, kQuantity);
  if (quantity.empty() || quantity == kNotAvailable) {
    return true;
  }
  const absl::StatusOr<double> tonnes = ParseScaled(quantity, 0);
  if (!tonnes.ok()) {
    output_.file().Reject(line, kQuantity, tonnes.status().message());
    return false;
  }
  statistic.mutable_quantity()->set_tonnes(*tonnes);
  return true;
}

absl::optional<std::string> BaciReader::CountryOf(int64_t line, absl::string_view column, absl::string_view code) {
  absl::optional<std::string> country = codes_.Find(Publisher::kBaci, code);
  if (!country.has_value()) {
    output_.file().Reject(line, column, absl::StrCat("country_codes.csv knows no country \"", code, "\" of BACI"));
  } else if (country->empty()) {
    output_.file().LeaveOut(line, column, absl::StrCat("\"", code, "\" is a country that is no more"));
    return absl::nullopt;
  }
  return country;
}

void BaciReader::SetForm(const TradedForm& form, absl::string_view code, Statistic& statistic) const {
  statistic.set_dataset(dataset_);
  auto& trade = *statistic.mutable_trade();
  trade.set_mineral(absl::StrCat("minerals/", form.mineral));
  trade.set_product(form.product);
  trade.set_stage(form.stage);
  trade.set_hs6(std::string(code));
  statistic.mutable_quantity()->set_basis(form.basis);
  statistic.mutable_quantity()->set_scope(form.scope);
  Provenance& provenance = *statistic.mutable_provenance();
  provenance.set_source(absl::StrCat(publication_, ", HS ", code));
  provenance.set_as_of(as_of_);
  provenance.set_licence("etalab-2.0");
}

Mineral BaciReader::MineralOf(const TradedForm& form, absl::string_view code) const {
  Mineral mineral;
  std::string name = absl::StrReplaceAll(form.mineral, {{"-", " "}});
  name.front() = absl::ascii_toupper(static_cast<unsigned char>(name.front()));
  mineral.set_display_name(name);
  mineral.mutable_provenance()->set_source(absl::StrCat("hs6.csv of the import, HS ", code));
  mineral.mutable_provenance()->set_licence("facts");
  return mineral;
}

}  // namespace orewatch::ctl
