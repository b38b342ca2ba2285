#include "services/ctl/render/path_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "orewatch/type/v1/types.pb.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/import/values.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using type::v1::PartialDate;

std::string Short(const FieldDescriptor& field, absl::string_view text) {
  if (field.name() == "name") {
    return std::string(text);
  }
  return std::string(absl::StripPrefix(absl::StripPrefix(text, "minerals/"), "countries/"));
}

std::string MessageText(const Message& message) {
  if (message.GetDescriptor() != PartialDate::descriptor()) {
    return message.ShortDebugString();
  }
  PartialDate date;
  date.CopyFrom(message);
  return DateText(date);
}

std::string SingleText(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  if (field.has_presence() && !reflection->HasField(message, &field)) {
    return "";
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return NumberText(reflection->GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection->GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(reflection->GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, &field) ? "true" : "";
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumText(*field.enum_type(), reflection->GetEnumValue(message, &field));
    case FieldDescriptor::CPPTYPE_STRING:
      return Short(field, reflection->GetString(message, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageText(reflection->GetMessage(message, &field));
    default:
      return "";
  }
}

std::string RepeatedText(const Message& message, const FieldDescriptor& field, absl::string_view rest) {
  const auto* reflection = message.GetReflection();
  std::vector<std::string> values;
  for (int i = 0; i < reflection->FieldSize(message, &field); ++i) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      values.push_back(Short(field, reflection->GetRepeatedString(message, &field, i)));
    } else if (const Message& element = reflection->GetRepeatedMessage(message, &field, i); rest.empty()) {
      values.push_back(MessageText(element));
    } else if (std::string text = PathText(element, rest); !text.empty()) {
      values.push_back(std::move(text));
    }
  }
  return absl::StrJoin(values, ",");
}

}  // namespace

std::string PathText(const Message& message, absl::string_view path) {
  const size_t dot = path.find('.');
  const absl::string_view rest = dot == absl::string_view::npos ? "" : path.substr(dot + 1);
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (field == nullptr) {
    return "";
  }
  if (field->is_repeated()) {
    return RepeatedText(message, *field, rest);
  }
  if (rest.empty()) {
    return SingleText(message, *field);
  }
  const auto* reflection = message.GetReflection();
  return reflection->HasField(message, field) ? PathText(reflection->GetMessage(message, field), rest) : "";
}

}  // namespace orewatch::ctl
