#include "services/ctl/render/import_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace orewatch::ctl {

std::string ImportText(const registry::v1::ImportResponse& response) {
  std::string text;
  for (const auto& rejection : response.rejections()) {
    absl::StrAppend(&text, rejection.file());
    if (rejection.line() > 0) {
      absl::StrAppend(&text, ":", rejection.line());
    }
    absl::StrAppend(&text, ": ", rejection.field(), rejection.field().empty() ? "" : ": ", rejection.reason(), "\n");
  }
  if (const int64_t unlisted = response.rejected() - response.rejections_size(); unlisted > 0) {
    absl::StrAppend(&text, "and ", unlisted, " more rejected rows\n");
  }
  return absl::StrCat(text, SummaryText(response, 0));
}

std::string SummaryText(const registry::v1::ImportResponse& response, int64_t left_out) {
  const int64_t revision = response.revision().number();
  return absl::StrCat(absl::StrFormat("created %d, updated %d, unchanged %d, rejected %d", response.created(),
                                      response.updated(), response.unchanged(), response.rejected()),
                      left_out > 0 ? absl::StrCat(", left out ", left_out) : "",
                      revision == 0 ? "" : absl::StrCat(" (revision ", revision, ")"), "\n");
}

}  // namespace orewatch::ctl
