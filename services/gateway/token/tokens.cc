#include "services/gateway/token/tokens.h"

#include <cmath>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/hash/sha256.h"
#include "common/status/status.h"

namespace orewatch::gateway {
namespace {

constexpr size_t kLongestToken = 16'384;

template <typename Position>
bool Decode(const std::string& token, Position& position) {
  std::string bytes;
  return token.size() <= kLongestToken && absl::WebSafeBase64Unescape(token, &bytes) && position.ParseFromString(bytes);
}

bool IsRevision(const type::v1::Revision& revision) { return revision.number() >= 0; }

}  // namespace

std::string TokenOf(const v1::FeedPosition& position) {
  return absl::WebSafeBase64Escape(position.SerializeAsString());
}

absl::StatusOr<v1::FeedPosition> FeedPositionOf(const std::string& token) {
  v1::FeedPosition position;
  if (!Decode(token, position) || !IsRevision(position.changes()) || !IsRevision(position.scores()) ||
      position.alerts_sequence() < 0) {
    return InvalidField("token", "is no token of a feed");
  }
  return position;
}

std::string DigestOf(const v1::SearchRequest& request, const std::string& principal) {
  v1::SearchRequest asked = request;
  asked.clear_page_token();
  asked.clear_min_revision();
  asked.clear_sections();
  return Sha256Of(absl::StrCat(principal.size(), " ", principal, asked.SerializeAsString()));
}

std::string TokenOf(const v1::SearchPosition& position) {
  return absl::WebSafeBase64Escape(position.SerializeAsString());
}

absl::StatusOr<v1::SearchPosition> SearchPositionOf(const std::string& token, const std::string& digest) {
  v1::SearchPosition position;
  if (token.empty()) {
    position.set_query_digest(digest);
    return position;
  }
  if (!Decode(token, position) || position.query_digest() != digest || position.registry_taken() < 0 ||
      !std::isfinite(position.last_score())) {
    return InvalidField("page_token", "is not a token of this query");
  }
  return position;
}

}  // namespace orewatch::gateway
