// Errors as people read them.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace orewatch::ctl {

// `error: CODE reason: message`, then each field violation on a line of its own.
std::string ErrorText(const absl::Status& status);

}  // namespace orewatch::ctl
