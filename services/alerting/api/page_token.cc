#include "services/alerting/api/page_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/alerting/domain/fingerprint.h"

namespace orewatch::alerting {

std::string MakePageToken(absl::string_view query, absl::string_view position) {
  return absl::WebSafeBase64Escape(absl::StrCat(Fingerprint().Add(query).Hex(), position));
}

absl::StatusOr<std::string> ReadPageToken(absl::string_view query, absl::string_view token) {
  std::string text;
  const std::string digest = Fingerprint().Add(query).Hex();
  if (!absl::WebSafeBase64Unescape(token, &text) || !absl::StartsWith(text, digest)) {
    return InvalidField("page_token", "is not a token of this query");
  }
  return text.substr(digest.size());
}

}  // namespace orewatch::alerting
