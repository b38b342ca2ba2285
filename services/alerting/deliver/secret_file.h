// Secrets lie in files of their own, which may be replaced while the service runs.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace orewatch::alerting {

// The text, without the white space around it; at most 4 KiB. UNAVAILABLE if it cannot be read, or is empty.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

}  // namespace orewatch::alerting
