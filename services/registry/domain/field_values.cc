#include "services/registry/domain/field_values.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

namespace orewatch::registry {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Visit = absl::FunctionRef<Onward(const FieldValue&)>;

void VisitWithin(const Message& message, const FieldValue* holder, Visit visit) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool list = field->is_repeated();
    const int size = list ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      const FieldValue value{message, *field, list ? i : -1, holder};
      const Onward onward = visit(value);
      if (onward == Onward::kPastField) {
        break;
      }
      if (onward == Onward::kInto && value.IsMessage()) {
        VisitWithin(value.Nested(), &value, visit);
      }
    }
  }
}

}  // namespace

std::string FieldValue::Text() const {
  const auto* reflection = message.GetReflection();
  return index < 0 ? reflection->GetString(message, &field) : reflection->GetRepeatedString(message, &field, index);
}

double FieldValue::Number() const {
  const auto* reflection = message.GetReflection();
  return index < 0 ? reflection->GetDouble(message, &field) : reflection->GetRepeatedDouble(message, &field, index);
}

const Message& FieldValue::Nested() const {
  const auto* reflection = message.GetReflection();
  return index < 0 ? reflection->GetMessage(message, &field) : reflection->GetRepeatedMessage(message, &field, index);
}

int FieldValue::ListSize() const { return message.GetReflection()->FieldSize(message, &field); }

std::string FieldValue::FieldPath() const {
  return holder == nullptr ? field.name() : absl::StrCat(holder->Path(), ".", field.name());
}

std::string FieldValue::Path() const { return index < 0 ? FieldPath() : absl::StrCat(FieldPath(), "[", index, "]"); }

void VisitValues(const Message& message, Visit visit) { VisitWithin(message, nullptr, visit); }

}  // namespace orewatch::registry
