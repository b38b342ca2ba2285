// The base64url of RFC 7515: without padding, and one text for each value.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace orewatch::auth {

std::string EncodeBase64Url(absl::string_view bytes);
// Nothing for padding, white space, other characters, or bits beyond the last byte.
std::optional<std::string> DecodeBase64Url(absl::string_view text);

}  // namespace orewatch::auth
