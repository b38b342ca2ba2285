// What is wrong with the visibility that somebody asks for.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/status/status.h"
#include "services/alerting/domain/visibility.h"

namespace orewatch::alerting {

// Adds what is wrong with it, each field after `prefix`.
void CheckVisibility(const Visibility& visibility, const std::string& prefix, FieldViolations& violations);

// INVALID_ARGUMENT that blames rule.visibility.owner if the owner is neither the caller nor nobody, nor who it was.
absl::Status CheckOwner(const std::string& principal, const Visibility* before, const Visibility& after);

}  // namespace orewatch::alerting
