// The line above the tables of a commodity in the USGS data release.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "orewatch/type/v1/types.pb.h"

namespace orewatch::ctl {

// What the figures of a commodity count.
struct Counted {
  type::v1::Basis basis = type::v1::BASIS_UNSPECIFIED;
  std::string scope;
};

// From `(Data in metric tons, cobalt content, unless otherwise specified)`: contained, cobalt content. An equivalent is
// an oxide's; where nothing stands beside the unit, the gross weight is meant. Nothing: the heading does not say it so.
absl::optional<Counted> CountedBy(absl::string_view heading);

}  // namespace orewatch::ctl
