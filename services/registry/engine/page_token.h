// Page tokens: where a listing goes on, bound to its query and its history.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace orewatch::registry {

struct PageToken {
  std::string lineage;
  // Every page of the listing shows this revision.
  int64_t revision = 0;
  // What was asked for, other than the page.
  std::string query;
  std::string after_key;
};

std::string EncodePageToken(const PageToken& token);
// INVALID_ARGUMENT blaming page_token if the text is no token.
absl::StatusOr<PageToken> DecodePageToken(const std::string& text);

}  // namespace orewatch::registry
