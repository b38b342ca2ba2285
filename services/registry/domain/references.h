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

// In the order of the fields: what the fields of domain/name_fields.h name, the container of a resource, and the
// minerals and countries of a statistic.
std::vector<Reference> ReferencesOf(const v1::Entry& entry);

}  // namespace orewatch::registry
