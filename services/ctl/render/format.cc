#include "services/ctl/render/format.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"

namespace orewatch::ctl {

absl::StatusOr<Format> ParseFormat(absl::string_view text) {
  if (text == "table") {
    return Format::kTable;
  }
  if (text == "json") {
    return Format::kJson;
  }
  if (text == "textproto") {
    return Format::kTextproto;
  }
  if (text == "csv") {
    return Format::kCsv;
  }
  return MakeError(absl::StatusCode::kInvalidArgument, "USAGE",
                   absl::StrCat("--output: \"", text, "\" is not one of table, json, textproto, csv"));
}

std::string JsonText(const google::protobuf::Message& message, bool pretty) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = pretty;
  std::string text;
  // Fails only for values that no server sends, such as a timestamp out of range; then what was written is shown.
  (void)google::protobuf::util::MessageToJsonString(message, &text, options);
  return text;
}

std::string TextprotoText(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(message, &text);
  return text;
}

std::string Rendered(Format format, const google::protobuf::Message& message, absl::FunctionRef<Table()> table) {
  switch (format) {
    case Format::kTable:
      return TableText(table());
    case Format::kCsv:
      return TableCsv(table());
    case Format::kJson:
      return JsonText(message, /*pretty=*/true);
    case Format::kTextproto:
      return TextprotoText(message);
  }
  return "";
}

}  // namespace orewatch::ctl
