// What the pages of the admin port show to people.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "common/rpc/call_table.h"

namespace orewatch::app {

// The settings in force, without secrets, and where each comes from; as JSON.
std::string ConfigPage(const std::string& binary);

// The oldest calls being handled and the oldest streams, and how many there are of each; as JSON.
std::string InFlightPage(const rpc::CallTable& calls, absl::Time now);

}  // namespace orewatch::app
