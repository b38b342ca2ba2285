// The data release of the USGS Mineral Commodity Summaries.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "services/ctl/import/file_reader.h"
#include "services/ctl/import/header.h"
#include "services/ctl/import/official/statistic_output.h"
#include "services/ctl/import/official/usgs_production.h"
#include "services/ctl/import/official/usgs_series.h"

namespace orewatch::ctl {

// World production by country, in tonnes, as the table of series maps it; every other row is left out and says why. A
// release is a few thousand rows: its figures are held to the end, where the edition is known and the tables are whole.
class UsgsReader : public FileReader {
 public:
  // All outlive it.
  UsgsReader(const UsgsSeriesTable& table, const CountryCodes& codes, StatisticOutput& output)
      : table_(table), codes_(codes), output_(output) {}

  // What tells the format from others.
  static absl::Span<const absl::string_view> Columns();

  bool ReadHeader(int64_t line, const std::vector<std::string>& fields) override;
  // RESOURCE_EXHAUSTED: more figures than any release has.
  absl::Status ReadRecord(int64_t line, const std::vector<std::string>& fields) override;
  absl::Status Finish() override;

 private:
  struct Record;

  absl::string_view CellOf(const Record& record, absl::string_view column) const;
  bool IsWorldProduction(const Record& record);
  // Nothing: the row says no figure, which has been reported.
  absl::optional<UsgsFigure> FigureOf(const Record& record);
  absl::optional<int32_t> YearOf(const Record& record);
  UsgsCommodity CommodityOf(const Record& record) const;
  void TakeTotal(const Record& record, const std::vector<const UsgsSeries*>& series);
  void TakeFigure(const Record& record, const std::vector<const UsgsSeries*>& series);

  const UsgsSeriesTable& table_;
  const CountryCodes& codes_;
  StatisticOutput& output_;
  Header header_;
  // The column that says whether a commodity is on the official list of a year; empty: there is none.
  std::string critical_column_;
  UsgsProduction production_;
};

}  // namespace orewatch::ctl
