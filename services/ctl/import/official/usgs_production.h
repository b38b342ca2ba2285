// World production as the USGS data release gives it, table by table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "orewatch/registry/v1/resources.pb.h"
#include "services/ctl/import/official/statistic_output.h"
#include "services/ctl/import/official/usgs_series.h"
#include "services/ctl/import/official/usgs_value.h"

namespace orewatch::ctl {

// One figure, in tonnes.
struct UsgsFigure {
  int64_t line = 0;
  // As the file names the series.
  std::string detail;
  UsgsValue value;
  bool estimated = false;
  // Of a world total: producers that are listed without a figure are not in it.
  bool excludes_unknown = false;
};

// What the file says of a commodity as a whole.
struct UsgsCommodity {
  std::string name;
  // Says what its figures count.
  std::string heading;
  std::vector<std::string> critical_lists;
};

// Figures by series, year and country; statistics once all are there. Thread-compatible; the series outlive it.
class UsgsProduction {
 public:
  // False: the series has another figure of the country (ZZ: other countries) and year.
  bool Add(const UsgsSeries& series, const UsgsCommodity& commodity, int32_t year, const std::string& country,
           UsgsFigure figure);
  // Keeps the first total of a year.
  void AddTotal(const UsgsSeries& series, const UsgsCommodity& commodity, int32_t year, UsgsFigure total);
  // About what is held.
  size_t bytes() const { return bytes_; }

  // Gives every figure as a statistic, with its mineral and country where they are missing. A table that lists no other
  // countries is closed: by what its countries leave of the world total, if that is more than rounding can explain; by
  // an unknown amount, if it has no total. Nothing can be told of others if a listed country is unknown and in the
  // total.
  absl::Status Give(StatisticOutput& output) const;

 private:
  struct Year {
    // In the order of the file; several figures of a country are added up.
    std::vector<std::pair<std::string, std::vector<UsgsFigure>>> countries;
    absl::optional<UsgsFigure> total;
  };
  struct Table {
    const UsgsSeries* series = nullptr;
    UsgsCommodity commodity;
    std::map<int32_t, Year> years;
  };

  Table& TableOf(const UsgsSeries& series, const UsgsCommodity& commodity);
  // The release of a year estimates the year before.
  int32_t Edition() const;
  static absl::Status GiveTable(const Table& table, int32_t edition, StatisticOutput& output);
  // The one figure of several, if it can be told.
  static UsgsFigure Sum(const std::vector<UsgsFigure>& figures);
  // The figure of other countries that closes the table; nothing: it needs none, or none can be told.
  static absl::optional<UsgsFigure> Others(const Year& year);
  // The world total, which is known, less the countries.
  static absl::optional<UsgsFigure> Rest(const Year& year);

  std::vector<Table> tables_;
  absl::flat_hash_map<std::pair<const UsgsSeries*, std::string>, size_t> position_of_table_;
  size_t bytes_ = 0;
};

}  // namespace orewatch::ctl
