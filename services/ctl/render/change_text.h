// Changes of the registry as people read them.
#pragma once

#include <string>

#include "orewatch/registry/v1/resources.pb.h"

namespace orewatch::ctl {

// A line for each change: revision, time, operation, what, the value before and after, and who.
//   12  2026-11-25T19:21:05Z  update  production nickel mine ID 2024 (usgs-mcs-2026): 2200000 t -> 9000000 t  anonymous
std::string ChangesText(const registry::v1::ChangeSet& set);

}  // namespace orewatch::ctl
