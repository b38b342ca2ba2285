#include "common/config/text_proto.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace orewatch::config {
namespace {

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

std::optional<std::string> ParseTextProto(const std::string& text, google::protobuf::Message& message) {
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  return parser.ParseFromString(text, &message) ? std::nullopt : std::optional<std::string>(error.text());
}

std::optional<std::string> TextOfFile(const std::string& path, size_t max_bytes) {
  std::ifstream file(path);
  std::error_code error;
  // A folder opens, and throws when it is read.
  if (!file.is_open() || !std::filesystem::is_regular_file(path, error) ||
      std::filesystem::file_size(path, error) > max_bytes) {
    return std::nullopt;
  }
  return std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace orewatch::config
