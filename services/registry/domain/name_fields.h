// Which fields of a resource hold the names of others.
#pragma once

#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"
#include "services/registry/domain/kinds.h"

namespace orewatch::registry {

// The kinds that a field of a resource may name, by the name of the field; empty for text, numbers and messages. Not
// for statistics, whose fields hold codes of countries.
absl::Span<const Kind> KindsNamedBy(const google::protobuf::FieldDescriptor& field);

}  // namespace orewatch::registry
