// The text of a field deep within a message.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace orewatch::ctl {

// The value at a dotted path; over repeated fields all values, separated by commas. Blank: unset. Enumerations and
// dates are readable, and `minerals/` and `countries/` are cut from the names in fields other than `name`.
std::string PathText(const google::protobuf::Message& message, absl::string_view path);

}  // namespace orewatch::ctl
