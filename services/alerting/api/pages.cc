#include "services/alerting/api/pages.h"

#include <algorithm>
#include <utility>

#include "common/seal/page_token.h"
#include "common/status/status.h"

namespace orewatch::alerting {

absl::StatusOr<size_t> PageSize(int requested, int by_default) {
  constexpr int kMaxPageSize = 1000;
  if (requested < 0) {
    return InvalidField("page_size", "must not be negative");
  }
  return static_cast<size_t>(requested == 0 ? by_default : std::min(requested, kMaxPageSize));
}

absl::Status ForeignToken() { return InvalidField("page_token", "is not a token of this query"); }

Pages::Pages(std::string query, const Asker& asker, const StoreIdentity& identity)
    : query_(std::move(query)),
      now_(asker.now),
      identity_(identity),
      expires_(absl::FromUnixSeconds(absl::ToUnixSeconds(asker.now + kPageTokenLife))) {}

absl::StatusOr<std::optional<std::string>> Pages::Begin(const std::string& token) {
  if (token.empty()) {
    return std::nullopt;
  }
  OREWATCH_ASSIGN_OR_RETURN(const PageToken page, DecodePageToken(token, query_, identity_.secret, now_));
  if (page.lineage != identity_.lineage) {
    return PageTokenExpired();
  }
  expires_ = page.expires;
  return std::optional(page.position);
}

std::string Pages::After(std::string position) const {
  return EncodePageToken(
      {.lineage = identity_.lineage, .revision = 0, .expires = expires_, .position = std::move(position)}, query_,
      identity_.secret);
}

}  // namespace orewatch::alerting
