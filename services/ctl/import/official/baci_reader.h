// Trade between countries as CEPII's BACI gives it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "services/ctl/import/file_reader.h"
#include "services/ctl/import/header.h"
#include "services/ctl/import/official/country_codes.h"
#include "services/ctl/import/official/hs6_table.h"
#include "services/ctl/import/official/statistic_output.h"

namespace orewatch::ctl {

// Which BACI a file is of, as far as its name says it in CEPII's way: `BACI_HS17_Y2024_V202601.csv`.
struct BaciEdition {
  // Revision of the Harmonized System, e.g. `HS17`; empty: unknown.
  std::string nomenclature;
  // Version, e.g. `202601`; empty: unknown.
  std::string version;
};
BaciEdition BaciEditionOf(absl::string_view path);

// Each flow of a code that the table of codes knows is one statistic, given at once; nothing is held. The dataset says
// the nomenclature (`cepii-baci-hs17`), for a code may mean another thing in another one.
class BaciReader : public FileReader {
 public:
  // All outlive it.
  BaciReader(const Hs6Table& forms, const CountryCodes& codes, StatisticOutput& output);

  // What tells the format from others.
  static absl::Span<const absl::string_view> Columns();

  bool ReadHeader(int64_t line, const std::vector<std::string>& fields) override;
  absl::Status ReadRecord(int64_t line, const std::vector<std::string>& fields) override;
  absl::Status Finish() override;

 private:
  // Sets what the cells say. False: one is wrong or of no use, which has been reported.
  bool SetYear(int64_t line, absl::string_view text, registry::v1::Statistic& statistic);
  bool SetAmounts(int64_t line, const std::vector<std::string>& fields, registry::v1::Statistic& statistic);
  // Nothing: as above.
  absl::optional<std::string> CountryOf(int64_t line, absl::string_view column, absl::string_view code);
  void SetForm(const TradedForm& form, absl::string_view code, registry::v1::Statistic& statistic) const;
  registry::v1::Mineral MineralOf(const TradedForm& form, absl::string_view code) const;

  const Hs6Table& forms_;
  const CountryCodes& codes_;
  StatisticOutput& output_;
  Header header_;
  std::string dataset_;
  // As a person would cite it.
  std::string publication_;
  std::string as_of_;
};

}  // namespace orewatch::ctl
