// The cells of the USGS data release.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace orewatch::ctl {

// What the cell of a value says.
struct UsgsValue {
  // Nothing: no figure, and `mark` says why.
  absl::optional<double> amount;
  // The publisher has the figure and withholds it (W).
  bool withheld = false;
  // The amount is the middle of a range.
  bool midpoint = false;
  // Half a unit of the last digit that is not rounded away; 0 for an exact zero.
  double rounding = 0;
  // What is written, where it is not simply a number: W, NA, XX, s, >540 or 10–15.
  std::string mark;
};

// `—` is zero; thousands are separated by commas or not at all. The amount is in the unit of the cell times ten to the
// power `exponent`. INVALID_ARGUMENT: nothing that the publisher defines.
absl::StatusOr<UsgsValue> ParseUsgsValue(absl::string_view text, int exponent);

// The power of ten by which a unit of mass is greater than the tonne; nothing: no unit of mass.
absl::optional<int> MassExponent(absl::string_view unit);

}  // namespace orewatch::ctl
