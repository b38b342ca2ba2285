// Messages in text format, as people write them into files.
#pragma once

#include <optional>
#include <string>

#include "google/protobuf/message.h"

namespace orewatch::config {

// Nothing: parsed. Else the first error, as `line 3: what`.
std::optional<std::string> ParseTextProto(const std::string& text, google::protobuf::Message& message);

// The text of a regular file; nothing if it cannot be read or has more than `max_bytes`.
std::optional<std::string> TextOfFile(const std::string& path, size_t max_bytes);

}  // namespace orewatch::config
