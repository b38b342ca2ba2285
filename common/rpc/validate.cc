#include "common/rpc/validate.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/protobuf/descriptor.h"

namespace orewatch::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kMaxRequestIdBytes = 128;
constexpr size_t kMaxPageTokenBytes = 4096;

// Reads one element of a field, repeated or not.
class Element {
 public:
  Element(const Message& message, const FieldDescriptor& field, int index)
      : message_(message), field_(field), index_(index) {}
  bool repeated() const { return index_ >= 0; }
  double Double() const {
    if (field_.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
      return repeated() ? reflection().GetRepeatedFloat(message_, &field_, index_)
                        : reflection().GetFloat(message_, &field_);
    }
    return repeated() ? reflection().GetRepeatedDouble(message_, &field_, index_)
                      : reflection().GetDouble(message_, &field_);
  }
  int Enum() const {
    return repeated() ? reflection().GetRepeatedEnumValue(message_, &field_, index_)
                      : reflection().GetEnumValue(message_, &field_);
  }
  int64_t Integer() const {
    return field_.cpp_type() == FieldDescriptor::CPPTYPE_INT32 ? reflection().GetInt32(message_, &field_)
                                                               : reflection().GetInt64(message_, &field_);
  }
  size_t Bytes() const {
    std::string scratch;
    return reflection().GetStringReference(message_, &field_, &scratch).size();
  }
  const Message& Nested() const {
    return repeated() ? reflection().GetRepeatedMessage(message_, &field_, index_)
                      : reflection().GetMessage(message_, &field_);
  }

 private:
  const Reflection& reflection() const { return *message_.GetReflection(); }
  const Message& message_;
  const FieldDescriptor& field_;
  const int index_;
};

void Check(const Message& message, const std::string& prefix, FieldViolations& violations);

void CheckNumberOrText(const Element& element, const FieldDescriptor& field, const std::string& path,
                       FieldViolations& violations) {
  if (element.repeated()) {
    return;
  }
  const std::string& name = field.name();
  if ((name == "page_size" || name == "min_revision") && element.Integer() < 0) {
    violations.Add(path, "must not be negative");
  } else if (name == "request_id" && element.Bytes() > kMaxRequestIdBytes) {
    violations.Add(path, absl::StrCat("must be at most ", kMaxRequestIdBytes, " bytes"));
  } else if (name == "page_token" && element.Bytes() > kMaxPageTokenBytes) {
    violations.Add(path, "is not a token of this service");
  }
}

void CheckElement(const Element& element, const FieldDescriptor& field, const std::string& path,
                  FieldViolations& violations) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      if (!std::isfinite(element.Double())) {
        violations.Add(path, "must be a finite number");
      }
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      if (field.enum_type()->FindValueByNumber(element.Enum()) == nullptr) {
        violations.Add(path, absl::StrCat(element.Enum(), " is not a value of ", field.enum_type()->name()));
      }
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      Check(element.Nested(), absl::StrCat(path, "."), violations);
      return;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_STRING:
      CheckNumberOrText(element, field, path, violations);
      return;
    default:
      return;
  }
}

void Check(const Message& message, const std::string& prefix, FieldViolations& violations) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!field->is_repeated()) {
      CheckElement(Element(message, *field, -1), *field, absl::StrCat(prefix, field->name()), violations);
      continue;
    }
    const int size = message.GetReflection()->FieldSize(message, field);
    for (int i = 0; i < size; ++i) {
      CheckElement(Element(message, *field, i), *field, absl::StrCat(prefix, field->name(), "[", i, "]"), violations);
    }
  }
}

}  // namespace

absl::Status ValidateRequest(const Message& request) {
  FieldViolations violations;
  Check(request, "", violations);
  return violations.ToStatus();
}

}  // namespace orewatch::rpc
