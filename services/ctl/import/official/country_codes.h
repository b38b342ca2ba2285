// What publishers call countries.
#pragma once

#include <istream>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"

namespace orewatch::ctl {

// `usgs`, `baci` and `world-bank` in the table.
enum class Publisher { kUsgs, kBaci, kWorldBank };

// The table data/country_codes.csv.
class CountryCodes {
 public:
  // What tells the table from other files.
  static absl::Span<const absl::string_view> Columns();

  // Errors as ReadTable, and: a publisher is unknown, a code of it stands twice, or a country is no alpha-2 code.
  static absl::StatusOr<CountryCodes> Parse(std::istream& stream);

  // The alpha-2 code; empty: the publisher means a country that is no more; nothing: no such code.
  absl::optional<std::string> Find(Publisher publisher, absl::string_view code) const;
  // The name of a country in the table; else the code.
  std::string NameOf(absl::string_view alpha2) const;

 private:
  absl::flat_hash_map<std::pair<Publisher, std::string>, std::string> codes_;
  absl::flat_hash_map<std::string, std::string> names_;
};

}  // namespace orewatch::ctl
