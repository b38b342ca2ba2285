// The bulk file of the World Bank's Worldwide Governance Indicators.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "services/ctl/import/file_reader.h"
#include "services/ctl/import/header.h"
#include "services/ctl/import/official/country_codes.h"
#include "services/ctl/import/official/statistic_output.h"

namespace orewatch::ctl {

// The six estimates of a country and year, each a row of the file, as one statistic. They are held to the end, for the
// file is sorted by estimate; there are only so many countries and years.
class WgiReader : public FileReader {
 public:
  // Both outlive it.
  WgiReader(const CountryCodes& codes, StatisticOutput& output) : codes_(codes), output_(output) {}

  // What tells the format from others.
  static absl::Span<const absl::string_view> Columns();

  bool ReadHeader(int64_t line, const std::vector<std::string>& fields) override;
  absl::Status ReadRecord(int64_t line, const std::vector<std::string>& fields) override;
  absl::Status Finish() override;

 private:
  static constexpr size_t kEstimates = 6;
  struct Estimates {
    // 0: no row.
    std::array<int64_t, kEstimates> lines{};
    // Nothing: no row, or missing.
    std::array<absl::optional<double>, kEstimates> values;
    // Of an estimate that could not be read. 0: all could.
    int64_t bad_line = 0;
  };

  // Nothing: the cell is wrong, which has been reported.
  absl::optional<std::string> CountryOf(int64_t line, const std::vector<std::string>& fields);
  absl::optional<int32_t> YearOf(int64_t line, const std::vector<std::string>& fields);
  absl::Status Give(const std::string& country, int32_t year, const Estimates& estimates);
  registry::v1::Statistic StatisticOf(const std::string& country, int32_t year, const Estimates& estimates) const;

  const CountryCodes& codes_;
  StatisticOutput& output_;
  Header header_;
  // By alpha-2 and year.
  std::map<std::pair<std::string, int32_t>, Estimates> estimates_;
  int32_t latest_year_ = 0;
  // A row that could not be read, of any country and year. 0: none.
  int64_t unreadable_line_ = 0;
};

}  // namespace orewatch::ctl
