// Several rows of one resource made one.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace orewatch::ctl {

// Merges a row's resource into that of the rows before: repeated fields are united, a provenance lists every source,
// and of other fields one may be blank. Returns the names of fields in which both differ; `into` keeps its own there.
std::vector<std::string> MergeResource(const google::protobuf::Message& row, google::protobuf::Message& into);

}  // namespace orewatch::ctl
