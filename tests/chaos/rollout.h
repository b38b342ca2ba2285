// What tests that replace replicas under load have in common.
#pragma once

#include <cstddef>
#include <string>

#include "tests/chaos/fleet.h"
#include "tests/chaos/fleet_load.h"

namespace orewatch::testing {

inline constexpr size_t kReplicas = 2;

// Facts of which there is a score that fires an alert.
void Fill(const Fleet& fleet);
// One replica after the other, while the load goes on.
void ReplaceAll(Fleet& fleet, FleetLoad& load, const std::string& bin_dir = "");
void ExpectNoFailure(FleetLoad& load);

}  // namespace orewatch::testing
