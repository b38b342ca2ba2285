// Which resources a thing refers to.
#pragma once

#include <string>
#include <vector>

#include "orewatch/registry/v1/resources.pb.h"

namespace orewatch::registry {

struct Reference {
  // Path of the field within the message, e.g. `outputs[1].mineral`.
  std::string field;
  // Name of the resource.
  std::string target;
};

// In the order of the fields. Any string field that holds a well-formed resource name refers, other than the thing's
// own name and free text; the container of a resource and the minerals and countries of a statistic are references too.
std::vector<Reference> ReferencesOf(const v1::Entry& entry);

}  // namespace orewatch::registry
