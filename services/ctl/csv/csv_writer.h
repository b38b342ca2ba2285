// Writes comma-separated values that CsvReader reads back.
#pragma once

#include <string>
#include <vector>

namespace orewatch::ctl {

// One record with its newline. Fields are quoted only where they must be.
std::string CsvRecord(const std::vector<std::string>& fields);

}  // namespace orewatch::ctl
