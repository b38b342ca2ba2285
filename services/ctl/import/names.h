// Resource names as people shorten them in cells and on the command line.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/ctl/import/columns.h"

namespace orewatch::ctl {

// Stands for other countries, unsplit, in statistics.
inline constexpr absl::string_view kOtherCountries = "ZZ";

// The text that a string field holds for the text of a cell. INVALID_ARGUMENT says what is wrong with it.
absl::StatusOr<std::string> Canonical(Cell cell, absl::string_view text);

// The short form that Canonical maps back to `text`.
std::string Shortened(Cell cell, absl::string_view text);

}  // namespace orewatch::ctl
