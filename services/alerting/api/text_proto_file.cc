#include "services/alerting/api/text_proto_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/config/text_proto.h"
#include "common/status/status.h"

namespace orewatch::alerting {

absl::Status ReadTextProto(const std::string& path, absl::string_view what, absl::string_view reason,
                           google::protobuf::Message& out) {
  std::ifstream file(path);
  std::error_code error;
  // A folder opens, and throws when it is read.
  if (!file.is_open() || !std::filesystem::is_regular_file(path, error)) {
    return MakeError(absl::StatusCode::kNotFound, "FILE_NOT_FOUND", absl::StrCat("cannot read ", what, " in ", path));
  }
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (const auto wrong = config::ParseTextProto(text, out)) {
    return MakeError(absl::StatusCode::kInvalidArgument, reason, absl::StrCat(path, ": ", *wrong));
  }
  return absl::OkStatus();
}

}  // namespace orewatch::alerting
