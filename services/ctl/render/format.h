// The formats of -o.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {

enum class Format { kTable, kJson, kTextproto, kCsv };

// `table`, `json`, `textproto` or `csv`. INVALID_ARGUMENT with reason USAGE.
absl::StatusOr<Format> ParseFormat(absl::string_view text);

// Pretty-printed JSON, or one line without newline.
std::string JsonText(const google::protobuf::Message& message, bool pretty);

std::string TextprotoText(const google::protobuf::Message& message);

// A message in the format; table and CSV come from `table`.
std::string Rendered(Format format, const google::protobuf::Message& message, absl::FunctionRef<Table()> table);

}  // namespace orewatch::ctl
