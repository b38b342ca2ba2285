// Keys of callers that are programs: ow_<id>_<secret>.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace orewatch::auth {

inline constexpr char kApiKeyPrefix[] = "ow_";

// 4 to 32 of a-z, 0-9 and -.
bool IsApiKeyId(absl::string_view text);

struct ApiKeyText {
  // Public: it may stand in logs.
  absl::string_view id;
  absl::string_view secret;
};

// Views into `text`. Nothing if it has another form.
std::optional<ApiKeyText> ParseApiKey(absl::string_view text);

// A key with a secret of 256 random bits. Ends the program if there is no randomness to be had.
std::string NewApiKey(absl::string_view id);

}  // namespace orewatch::auth
