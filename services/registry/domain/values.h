// What any text, number or list must be, whatever field it stands in.
#pragma once

#include <string>

#include "common/status/status.h"
#include "google/protobuf/message.h"

namespace orewatch::registry {

inline constexpr size_t kMaxTextBytes = 4096;
inline constexpr int kMaxElements = 10'000;

// Adds every text that is too long or holds what no text should, number that is none, date of a provenance or key of a
// map that is misspelled, list that is too long, and element of a list that stands twice.
void CheckValues(const google::protobuf::Message& message, FieldViolations& violations);

// Adds every message that holds a field of a later release: it would be kept, and shown, unchecked.
void CheckNoUnknownFields(const google::protobuf::Message& message, FieldViolations& violations);

}  // namespace orewatch::registry
