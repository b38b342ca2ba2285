#include "common/auth/api_key.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/auth/base64url.h"

namespace orewatch::auth {
namespace {

constexpr size_t kSecretBytes = 32;
// Of them in base64url.
constexpr size_t kSecretLength = 43;

bool IsIdText(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-'; });
}

}  // namespace

bool IsApiKeyId(absl::string_view text) { return text.size() >= 4 && text.size() <= 32 && IsIdText(text); }

std::optional<ApiKeyText> ParseApiKey(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, kApiKeyPrefix)) {
    return std::nullopt;
  }
  const size_t end = text.find('_');
  if (end == absl::string_view::npos || end == 0 || !IsIdText(text.substr(0, end)) ||
      text.size() - end - 1 != kSecretLength) {
    return std::nullopt;
  }
  return ApiKeyText{text.substr(0, end), text.substr(end + 1)};
}

std::string NewApiKey(absl::string_view id) {
  std::array<unsigned char, kSecretBytes> secret{};
  if (RAND_bytes(secret.data(), static_cast<int>(secret.size())) != 1) {
    // A key that could be guessed is worse than none.
    std::abort();
  }
  return absl::StrCat(kApiKeyPrefix, id, "_",
                      EncodeBase64Url({reinterpret_cast<const char*>(secret.data()), secret.size()}));
}

}  // namespace orewatch::auth
