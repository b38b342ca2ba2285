// Listings by pages: their sizes, and the tokens that lead from one to the next.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/alerting/store/alert_store.h"

namespace orewatch::alerting {

// Who asks, and when.
struct Asker {
  std::string principal;
  absl::Time now;
};

// INVALID_ARGUMENT that blames page_size.
absl::StatusOr<size_t> PageSize(int requested, int by_default);

// INVALID_ARGUMENT that blames page_token: it holds no position in this listing.
absl::Status ForeignToken();

// What a token is for, whoever holds it: everything asked but the page, and by whom.
template <typename Request>
std::string QueryText(Request request, const std::string& principal) {
  request.clear_page_size();
  request.clear_page_token();
  return absl::StrCat(Request::descriptor()->name(), "\n", principal, "\n", request.SerializeAsString());
}

// The pages of one listing. The identity outlives it.
class Pages {
 public:
  Pages(std::string query, const Asker& asker, const StoreIdentity& identity);

  // Where the page begins; nothing: it is the first. INVALID_ARGUMENT that blames page_token; FAILED_PRECONDITION with
  // reason PAGE_TOKEN_EXPIRED.
  absl::StatusOr<std::optional<std::string>> Begin(const std::string& token);
  std::string After(std::string position) const;

 private:
  const std::string query_;
  const absl::Time now_;
  const StoreIdentity& identity_;
  absl::Time expires_;
};

}  // namespace orewatch::alerting
