// What an import did, row by row.
#pragma once

#include <string>

#include "orewatch/registry/v1/registry.pb.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {

// `file:line: field: reason` for each rejection, then the counts.
std::string ImportText(const registry::v1::ImportResponse& response);

Table RejectionTable(const registry::v1::ImportResponse& response);

}  // namespace orewatch::ctl
