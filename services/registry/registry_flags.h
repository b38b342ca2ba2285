// Flags of the registry's own binary.
#pragma once

#include "absl/status/statusor.h"
#include "services/registry/registry_app.h"

namespace orewatch::registry {

// INVALID_ARGUMENT that names the flag.
absl::StatusOr<RegistryConfig> ConfigFromFlags();

}  // namespace orewatch::registry
