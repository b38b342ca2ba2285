// Which series of the USGS data release is what.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "orewatch/registry/v1/resources.pb.h"
#include "orewatch/type/v1/types.pb.h"

namespace orewatch::ctl {

// One row of the table. Figures of a commodity belong to it if their detail begins with one of `details`; if there are
// several details, a country's figures are added up.
struct UsgsSeries {
  std::string commodity;
  std::vector<std::string> details;
  // Id; empty: made from the name of the commodity.
  std::string mineral;
  type::v1::Stage stage = type::v1::STAGE_UNSPECIFIED;
  std::string product;
  // Nothing: what the note of the commodity says.
  absl::optional<type::v1::Basis> basis;
  std::string scope;
  // Of the mineral, if it must be made. Empty: the name of the commodity.
  std::string display_name;
  registry::v1::Mineral::Kind kind = registry::v1::Mineral::KIND_UNSPECIFIED;
};

// The table data/usgs_series.csv. Rows of the commodity `*` hold for the commodities that no other row names.
class UsgsSeriesTable {
 public:
  // What tells the table from other files.
  static absl::Span<const absl::string_view> Columns();

  // Errors as ReadTable, and: a commodity, detail or stage is missing, or a word of an enumeration is none of it.
  static absl::StatusOr<UsgsSeriesTable> Parse(std::istream& stream);

  // The series that a figure belongs to: of those that know its detail, the ones that know most of it. They live as
  // long as the table.
  std::vector<const UsgsSeries*> Find(absl::string_view commodity, absl::string_view detail) const;

 private:
  absl::flat_hash_map<std::string, std::vector<UsgsSeries>> series_of_commodity_;
};

}  // namespace orewatch::ctl
