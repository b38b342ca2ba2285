// What makes two figures the same figure.
#pragma once

#include <string>

#include "orewatch/registry/v1/resources.pb.h"

namespace orewatch::registry {

// Every field of a statistic but its value and provenance, as one ordered, readable key, e.g.
// `usgs-mcs-2026/minerals%2Fcobalt/1/cobalt-ore/2//2024/CD`. Unique within its kind. Slashes inside a field are
// escaped.
std::string StatisticKey(const v1::Statistic& statistic);

}  // namespace orewatch::registry
