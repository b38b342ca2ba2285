// How old datasets may be.
#pragma once

#include <map>
#include <string>

#include "absl/time/time.h"

namespace orewatch::risk {

// Of the newest edition of a family of datasets, by its name; `*` for those that have none of their own.
using DatasetAges = std::map<std::string, absl::Duration>;

}  // namespace orewatch::risk
