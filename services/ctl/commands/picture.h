// Pictures as files.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "services/ctl/cli/session.h"

namespace orewatch::ctl {

// Writes a picture to the file that --svg names, if it names one. UNAVAILABLE if it cannot be written.
absl::Status DrawIfAsked(const Session& session, absl::FunctionRef<std::string()> picture);

}  // namespace orewatch::ctl
