// Files of data/ within the client, so that it needs none beside it.
#pragma once

#include "absl/strings/string_view.h"

namespace orewatch::ctl {

extern const absl::string_view kCountryCodesCsv;
extern const absl::string_view kHs6Csv;
extern const absl::string_view kUsgsSeriesCsv;

}  // namespace orewatch::ctl
