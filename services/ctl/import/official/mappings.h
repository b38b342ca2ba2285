// The tables by which official files are read.
#pragma once

#include <istream>

#include "absl/status/status.h"
#include "services/ctl/import/header.h"
#include "services/ctl/import/official/country_codes.h"
#include "services/ctl/import/official/hs6_table.h"
#include "services/ctl/import/official/usgs_series.h"

namespace orewatch::ctl {

// Thread-compatible.
struct Mappings {
  CountryCodes countries;
  Hs6Table hs6;
  UsgsSeriesTable usgs;
};

// The tables of data/ as they were when the client was built.
Mappings BuiltInMappings();

// The header is that of one of the tables.
bool IsMapping(const Header& header);

// Reads a table, which the header tells, in the place of the one that is there. Errors of the table's Parse.
absl::Status ReplaceMapping(const Header& header, std::istream& stream, Mappings& mappings);

}  // namespace orewatch::ctl
