// Between the visibility of messages and of the domain.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/status/status.h"
#include "orewatch/type/v1/types.pb.h"
#include "services/alerting/domain/visibility.h"

namespace orewatch::alerting {

void ToProto(const Visibility& visibility, type::v1::Visibility& out);
// Adds what is wrong with it, each field after `prefix`.
Visibility FromProto(const type::v1::Visibility& visibility, const std::string& prefix, FieldViolations& violations);

// INVALID_ARGUMENT that blames rule.visibility.owner if the owner is neither the caller nor nobody, nor who it was.
absl::Status CheckOwner(const std::string& principal, const Visibility* before, const Visibility& after);

}  // namespace orewatch::alerting
