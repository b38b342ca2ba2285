// Who listens where others can reach it is protected, or was told in so many words that it need not be.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace orewatch::app {

struct Protection {
  bool tls = false;
  // Whoever calls has proved who they are.
  bool authentication = false;
};

// INVALID_ARGUMENT, which blames `setting` and says what to do, unless the address is a loopback one, is protected both
// ways, or is allowed: by the flag `allowed_by`, which the message names.
absl::Status CheckProtected(const std::string& setting, const std::string& address, const Protection& protection,
                            bool allowed, const std::string& allowed_by);

}  // namespace orewatch::app
