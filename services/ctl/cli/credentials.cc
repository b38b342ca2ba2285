#include "services/ctl/cli/credentials.h"

#include <algorithm>

#include "absl/flags/flag.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/config/text_proto.h"
#include "services/ctl/cli/args.h"

ABSL_FLAG(std::string, token_file, "", "file with the token (JWT) that says who calls");
ABSL_FLAG(std::string, api_key_file, "", "file with the key (ow_...) that says who calls");

namespace orewatch::ctl {
namespace {

absl::StatusOr<std::string> BearerFrom(const std::string& path, absl::string_view flag) {
  constexpr size_t kMaxBytes = size_t{16} * 1024;
  const auto text = config::TextOfFile(path, kMaxBytes);
  const std::string secret(absl::StripAsciiWhitespace(text.value_or("")));
  if (secret.empty() || !std::all_of(secret.begin(), secret.end(), absl::ascii_isgraph)) {
    return UsageError(absl::StrCat(flag, ": there is no token or key in ", path));
  }
  return absl::StrCat("Bearer ", secret);
}

}  // namespace

absl::StatusOr<std::string> AuthorizationFromFlags() {
  const std::string token = absl::GetFlag(FLAGS_token_file);
  const std::string key = absl::GetFlag(FLAGS_api_key_file);
  if (!token.empty() && !key.empty()) {
    return UsageError("--token_file and --api_key_file: set one of them");
  }
  if (!token.empty()) {
    return BearerFrom(token, "--token_file");
  }
  return key.empty() ? absl::StatusOr<std::string>(std::string()) : BearerFrom(key, "--api_key_file");
}

}  // namespace orewatch::ctl
