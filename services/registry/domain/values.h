// What any text, number or list must be, whatever field it stands in.
#pragma once

#include <string>

#include "common/status/status.h"
#include "google/protobuf/message.h"

namespace orewatch::registry {

inline constexpr size_t kMaxTextBytes = 4096;

// Adds every text that is too long or holds what no text should, number that is none, date of a provenance or
// key of a map that is misspelled, and element of a list that stands twice. `prefix` comes before each path.
void CheckValues(const google::protobuf::Message& message, const std::string& prefix, FieldViolations& violations);

}  // namespace orewatch::registry
