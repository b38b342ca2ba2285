#include "services/alerting/api/text_proto_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace orewatch::alerting {
namespace {

// Keeps the first error, as `line: message`.
class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int, const std::string& message) override {
    if (text_.empty()) {
      text_ = absl::StrCat("line ", line + 1, ": ", message);
    }
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

absl::Status ReadTextProto(const std::string& path, absl::string_view what, absl::string_view reason,
                           google::protobuf::Message& out) {
  std::ifstream file(path);
  std::error_code error;
  // A folder opens, and throws when it is read.
  if (!file.is_open() || !std::filesystem::is_regular_file(path, error)) {
    return MakeError(absl::StatusCode::kNotFound, "FILE_NOT_FOUND", absl::StrCat("cannot read ", what, " in ", path));
  }
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  FirstError first_error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&first_error);
  if (!parser.ParseFromString(text, &out)) {
    return MakeError(absl::StatusCode::kInvalidArgument, reason, absl::StrCat(path, ": ", first_error.text()));
  }
  return absl::OkStatus();
}

}  // namespace orewatch::alerting
