// With what the user proves who they are.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace orewatch::ctl {

// The `authorization` of calls, from the file of --token_file or --api_key_file; empty: neither is set. Usage errors:
// both are, or the file has no secret of one line. Secrets stand in files, since everybody sees a command line.
absl::StatusOr<std::string> AuthorizationFromFlags();

}  // namespace orewatch::ctl
