// What things in the registry are about, by which rules choose among them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "orewatch/registry/v1/resources.pb.h"

namespace orewatch::alerting {

// Of a thing that names more, the first: country, mineral and company come before what there may be many of.
inline constexpr size_t kMaxConcerns = 100;

// Names of minerals, countries, suppliers and others, sorted, without itself. Owners are none of them.
std::vector<std::string> ConcernsOf(const registry::v1::Entry& entry);

}  // namespace orewatch::alerting
