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
  const int64_t revision = response.revision().number();
  return absl::StrCat(text,
                      absl::StrFormat("created %d, updated %d, unchanged %d, rejected %d", response.created(),
                                      response.updated(), response.unchanged(), response.rejected()),
                      revision == 0 ? "" : absl::StrCat(" (revision ", revision, ")"), "\n");
}

Table RejectionTable(const registry::v1::ImportResponse& response) {
  Table table{{"file", "line", "field", "reason"}, {}};
  for (const auto& rejection : response.rejections()) {
    table.rows.push_back({rejection.file(), rejection.line() > 0 ? absl::StrCat(rejection.line()) : "",
                          rejection.field(), rejection.reason()});
  }
  return table;
}

}  // namespace orewatch::ctl
