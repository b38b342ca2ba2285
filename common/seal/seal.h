// Text that its holder can neither read nor make nor change: what a service hands out and gets back.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace orewatch {

// Enciphers a text for the holders of a secret. `context` says what it is for, and is needed again to open it. No two
// sealed texts are equal, and their size tells that of the text in steps of 128 bytes alone.
//
// AES-256-GCM (NIST SP 800-38D) under a key of its own: HMAC-SHA256 of 16 random bytes and the context.
std::string Seal(absl::string_view text, absl::string_view context, absl::string_view secret);

// 32 random bytes.
std::string NewSecret();

// Nothing if it was not sealed with this context and secret, or was changed since.
std::optional<std::string> Unseal(absl::string_view sealed, absl::string_view context, absl::string_view secret);

}  // namespace orewatch
