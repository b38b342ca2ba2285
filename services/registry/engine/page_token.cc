#include "services/registry/engine/page_token.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"

namespace orewatch::registry {

std::string EncodePageToken(const PageToken& token) {
  return absl::WebSafeBase64Escape(
      absl::StrCat(token.lineage, "\n", token.revision, "\n", token.query, "\n", token.after_key));
}

absl::StatusOr<PageToken> DecodePageToken(const std::string& text) {
  constexpr int kParts = 4;
  std::string plain;
  PageToken token;
  if (absl::WebSafeBase64Unescape(text, &plain)) {
    const std::vector<std::string> parts = absl::StrSplit(plain, absl::MaxSplits('\n', kParts - 1));
    if (parts.size() == kParts && absl::SimpleAtoi(parts[1], &token.revision) && token.revision >= 0) {
      token.lineage = parts[0];
      token.query = parts[2];
      token.after_key = parts[3];
      return token;
    }
  }
  return InvalidField("page_token", "is not a token of this service");
}

}  // namespace orewatch::registry
