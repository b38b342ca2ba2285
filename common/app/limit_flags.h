// How much a process lets in, as its flags want it.
#pragma once

#include "absl/status/status.h"
#include "common/rpc/call_runtime.h"

namespace orewatch::app {

// What each caller may ask for, and how long calls may wait for a thread. INVALID_ARGUMENT that names a flag.
absl::Status ReadLimitFlags(rpc::CallLimits& limits);

}  // namespace orewatch::app
