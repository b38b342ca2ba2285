// JSON of strangers.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace orewatch::auth {

// An object; nothing if it is none, a name stands in an object twice, it nests deeper than 8, or it is not UTF-8. Two
// readers of one name could each believe another.
std::optional<nlohmann::json> ParseJsonObject(absl::string_view text);

// A member that is a string; nothing if it is missing or is none.
std::optional<std::string> StringIn(const nlohmann::json& object, const char* name);

}  // namespace orewatch::auth
