#include "services/alerting/deliver/secret_file.h"

#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::alerting {

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  constexpr size_t kMostBytes = 4096;
  std::ifstream file(path);
  std::string text(kMostBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  text = std::string(absl::StripAsciiWhitespace(text));
  if (text.empty()) {
    return MakeError(absl::StatusCode::kUnavailable, "SECRET_UNREADABLE", absl::StrCat("there is no secret in ", path));
  }
  return text;
}

}  // namespace orewatch::alerting
