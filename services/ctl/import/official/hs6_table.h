// Which mineral a traded code is.
#pragma once

#include <istream>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "orewatch/type/v1/types.pb.h"

namespace orewatch::ctl {

// What a six-digit code of the Harmonized System covers.
struct TradedForm {
  // Id.
  std::string mineral;
  std::string product;
  type::v1::Stage stage = type::v1::STAGE_UNSPECIFIED;
  type::v1::Basis basis = type::v1::BASIS_UNSPECIFIED;
  std::string scope;
};

// The table data/hs6.csv. A code that covers several minerals is in no row: its trade is that of none of them.
class Hs6Table {
 public:
  // What tells the table from other files.
  static absl::Span<const absl::string_view> Columns();

  // Errors as ReadTable, and: a code stands twice or is not six digits, a mineral is missing, or a stage or basis is
  // none.
  static absl::StatusOr<Hs6Table> Parse(std::istream& stream);

  // Null: no mineral.
  const TradedForm* Find(absl::string_view code) const;

 private:
  absl::flat_hash_map<std::string, TradedForm> forms_;
};

}  // namespace orewatch::ctl
