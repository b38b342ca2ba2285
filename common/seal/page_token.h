// Page tokens: where a listing goes on. Enciphered, bound to their query and caller, and of limited life.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orewatch {

// A listing may take this long from its first page to its last.
inline constexpr absl::Duration kPageTokenLife = absl::Hours(12);

struct PageToken {
  std::string lineage;
  // Every page of the listing shows this revision.
  int64_t revision = 0;
  // That of the first page, whole seconds.
  absl::Time expires;
  // Where the next page begins.
  std::string position;
};

// `query` is what was asked for other than the page, and by whom; `secret` is the service's.
std::string EncodePageToken(const PageToken& token, absl::string_view query, absl::string_view secret);
// INVALID_ARGUMENT blaming page_token if the text is no token of this query; FAILED_PRECONDITION (PAGE_TOKEN_EXPIRED)
// at the end of its life.
absl::StatusOr<PageToken> DecodePageToken(const std::string& text, absl::string_view query, absl::string_view secret,
                                          absl::Time now);

// FAILED_PRECONDITION: the listing must begin again.
absl::Status PageTokenExpired();

}  // namespace orewatch
