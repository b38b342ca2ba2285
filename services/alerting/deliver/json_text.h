// JSON as the deliveries read and write it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orewatch::alerting {

bool IsUtf8(absl::string_view text);

// RFC 3339 in UTC.
std::string JsonTime(absl::Time time);

// On one line; what is not UTF-8 is replaced.
std::string Dump(const nlohmann::json& value);

// Adds the text as Dump writes it.
void AppendJson(absl::string_view text, std::string& out);

// Discarded (neither an object nor an array) if the text is not JSON, or is nested more than 64 levels deep.
nlohmann::json ParseJson(absl::string_view text);

}  // namespace orewatch::alerting
