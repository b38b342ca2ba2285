// Enumeration values as people write them: `mine` for STAGE_MINE, `critical-minerals-agreement` for KIND_CRITICAL_….
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace orewatch::ctl {

// The number of a value given with or without its prefix, in any case, with - or _ or a space between words.
// INVALID_ARGUMENT lists the values; the unspecified value is none of them.
absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, absl::string_view text);

// The value without prefix, lower-case with dashes; empty for the unspecified value; the number where it has no name.
std::string EnumText(const google::protobuf::EnumDescriptor& type, int number);

}  // namespace orewatch::ctl
