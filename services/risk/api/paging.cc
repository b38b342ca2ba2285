#include "services/risk/api/paging.h"

#include <utility>

#include "common/status/status.h"

namespace orewatch::risk {

absl::StatusOr<Page> PageOf(const std::string& page_token, const std::string& query, const Snapshot& newest,
                            const Paging& paging) {
  if (page_token.empty()) {
    return Page{newest, {newest.lineage, newest.model->revision(), paging.now + kPageTokenLife, ""}};
  }
  OREWATCH_ASSIGN_OR_RETURN(PageToken token, DecodePageToken(page_token, query, paging.secret, paging.now));
  std::optional<Snapshot> kept = paging.kept(token.lineage, token.revision);
  return kept.has_value() ? absl::StatusOr<Page>({*std::move(kept), std::move(token)}) : PageTokenExpired();
}

}  // namespace orewatch::risk
