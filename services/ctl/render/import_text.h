// What an import did, row by row.
#pragma once

#include <cstdint>
#include <string>

#include "orewatch/registry/v1/registry.pb.h"

namespace orewatch::ctl {

// `file:line: field: reason` for each rejection, then the counts.
std::string ImportText(const registry::v1::ImportResponse& response);

// The counts; `left_out` rows were not sent by rule.
std::string SummaryText(const registry::v1::ImportResponse& response, int64_t left_out);

}  // namespace orewatch::ctl
