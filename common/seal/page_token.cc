#include "common/seal/page_token.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/seal/seal.h"
#include "common/status/status.h"

namespace orewatch {

std::string EncodePageToken(const PageToken& token, absl::string_view query, absl::string_view secret) {
  const std::string payload =
      absl::StrCat(token.lineage, "\n", token.revision, "\n", absl::ToUnixSeconds(token.expires), "\n", token.position);
  return absl::WebSafeBase64Escape(Seal(payload, query, secret));
}

absl::StatusOr<PageToken> DecodePageToken(const std::string& text, absl::string_view query, absl::string_view secret,
                                          absl::Time now) {
  const absl::Status foreign = InvalidField("page_token", "is not a token of this query");
  std::string sealed;
  // A text has one spelling, though its last character may have bits to spare.
  if (!absl::WebSafeBase64Unescape(text, &sealed) || absl::WebSafeBase64Escape(sealed) != text) {
    return foreign;
  }
  const auto payload = Unseal(sealed, query, secret);
  if (!payload.has_value()) {
    return foreign;
  }
  constexpr int kParts = 4;
  const std::vector<std::string> parts = absl::StrSplit(*payload, absl::MaxSplits('\n', kParts - 1));
  PageToken token;
  int64_t expires = 0;
  if (parts.size() != kParts || !absl::SimpleAtoi(parts[1], &token.revision) || !absl::SimpleAtoi(parts[2], &expires)) {
    return foreign;
  }
  token.lineage = parts[0];
  token.expires = absl::FromUnixSeconds(expires);
  token.position = parts[3];
  return now < token.expires ? absl::StatusOr<PageToken>(token) : PageTokenExpired();
}

absl::Status PageTokenExpired() {
  return MakeError(absl::StatusCode::kFailedPrecondition, "PAGE_TOKEN_EXPIRED",
                   "the listing has taken too long or its history is gone; begin it again");
}

}  // namespace orewatch
