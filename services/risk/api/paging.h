// Listings of which every page shows the revision of the first.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/seal/page_token.h"
#include "services/risk/domain/snapshot.h"

namespace orewatch::risk {

// How a listing finds the revision of its first page again.
struct Paging {
  std::function<std::optional<Snapshot>(const std::string& lineage, int64_t revision)> kept;
  // Seals page tokens.
  std::string secret;
  absl::Time now;
};

// What a page shows, and what the token of the page before said.
struct Page {
  Snapshot snapshot;
  PageToken token;
};

// The page that a token names; the first one of `newest` if it is empty. The errors are those of DecodePageToken, and
// PAGE_TOKEN_EXPIRED once the revision of the first page is not kept any more.
absl::StatusOr<Page> PageOf(const std::string& page_token, const std::string& query, const Snapshot& newest,
                            const Paging& paging);

// What a page token belongs to: all of a request that decides what its listing holds, and who sent it.
template <typename Request>
std::string PagedQuery(Request request, const std::string& principal) {
  request.clear_page_size();
  request.clear_page_token();
  request.clear_min_revision();
  return Request::descriptor()->full_name() + "\n" + principal + "\n" + request.SerializeAsString();
}

}  // namespace orewatch::risk
