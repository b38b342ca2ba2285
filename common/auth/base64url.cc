#include "common/auth/base64url.h"

#include "absl/strings/escaping.h"

namespace orewatch::auth {

std::string EncodeBase64Url(absl::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }

std::optional<std::string> DecodeBase64Url(absl::string_view text) {
  std::string bytes;
  // The library takes padding, white space and loose bits; what it makes of them encodes to another text.
  if (!absl::WebSafeBase64Unescape(text, &bytes) || EncodeBase64Url(bytes) != text) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace orewatch::auth
