#include "services/ctl/render/error_text.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::ctl {

std::string ErrorText(const absl::Status& status) {
  const std::string reason = ErrorReason(status);
  std::string text = absl::StrCat("error: ", absl::StatusCodeToString(status.code()), reason.empty() ? "" : " ", reason,
                                  ": ", status.message(), "\n");
  for (const auto& [field, description] : ViolationsOf(status)) {
    absl::StrAppend(&text, "  ", field, ": ", description, "\n");
  }
  if (const std::string trace = RequestIdOf(status); !trace.empty()) {
    absl::StrAppend(&text, "  trace ", trace, "\n");
  }
  return text;
}

}  // namespace orewatch::ctl
