// The constants of the methods from a file: a ServiceParameters in text format (orewatch/risk/v1/parameters.proto).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "orewatch/risk/v1/parameters.pb.h"
#include "services/risk/domain/world.h"

namespace orewatch::risk {

// `base` with what the message sets. INVALID_ARGUMENT naming each field out of range, and the name of each set whose
// figures are not the default's under the default's name.
absl::StatusOr<Parameters> WithParameters(const v1::ServiceParameters& message, Parameters base);

// The same of a file. INVALID_ARGUMENT naming --parameters if it cannot be read, is too large, or is no such text.
absl::StatusOr<Parameters> WithParameterFile(const std::string& path, Parameters base);

}  // namespace orewatch::risk
