#include "services/ctl/commands/picture.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::ctl {

absl::Status DrawIfAsked(const Session& session, absl::FunctionRef<std::string()> picture) {
  const std::string& path = session.options.svg;
  if (path.empty()) {
    return absl::OkStatus();
  }
  std::ofstream file(path, std::ios::binary);
  file << picture();
  file.close();
  return file ? absl::OkStatus()
              : MakeError(absl::StatusCode::kUnavailable, "FILE_NOT_WRITTEN",
                          absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
}

}  // namespace orewatch::ctl
