// Entries of the registry to rows that RowReader reads back.
#pragma once

#include <string>
#include <vector>

#include "orewatch/registry/v1/resources.pb.h"
#include "services/ctl/import/columns.h"

namespace orewatch::ctl {

// The names of a kind's columns, each once.
std::vector<std::string> HeaderOf(const FileKind& kind);

// One row, or one for each element of the entry's largest group. What has no column is left out.
std::vector<std::vector<std::string>> RowsOf(const FileKind& kind, const registry::v1::Entry& entry);

}  // namespace orewatch::ctl
