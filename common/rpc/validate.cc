#include "common/rpc/validate.h"

#include <cmath>
#include <string>

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

// Where an element stands in its request; its text is made only for what is wrong.
struct Place {
  const Place* parent;
  const FieldDescriptor& field;
  int index;

  std::string Path() const {
    std::string path = parent == nullptr ? field.name() : absl::StrCat(parent->Path(), ".", field.name());
    if (index >= 0) {
      absl::StrAppend(&path, "[", index, "]");
    }
    return path;
  }
};

void Check(const Message& message, const Place* parent, FieldViolations& violations);

void CheckNumberOrText(const Element& element, const Place& place, FieldViolations& violations) {
  const std::string& name = place.field.name();
  if ((name == "page_size" || name == "min_revision") && element.Integer() < 0) {
    violations.Add(place.Path(), "must not be negative");
  } else if (name == "request_id" && element.Bytes() > kMaxRequestIdBytes) {
    violations.Add(place.Path(), absl::StrCat("must be at most ", kMaxRequestIdBytes, " bytes"));
  } else if (name == "page_token" && element.Bytes() > kMaxPageTokenBytes) {
    violations.Add(place.Path(), "is not a token of this service");
  }
}

void CheckElement(const Element& element, const Place& place, FieldViolations& violations) {
  const FieldDescriptor& field = place.field;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      if (!std::isfinite(element.Double())) {
        violations.Add(place.Path(), "must be a finite number");
      }
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      if (field.enum_type()->FindValueByNumber(element.Enum()) == nullptr) {
        violations.Add(place.Path(), absl::StrCat(element.Enum(), " is not a value of ", field.enum_type()->name()));
      }
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      Check(element.Nested(), &place, violations);
      return;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_STRING:
      CheckNumberOrText(element, place, violations);
      return;
    default:
      return;
  }
}

// Whether an element of a list can break a rule.
bool IsCheckedInLists(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_ENUM:
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return true;
    default:
      return false;
  }
}

void CheckList(const Message& message, const Place* parent, const FieldDescriptor& field, FieldViolations& violations) {
  const int size = IsCheckedInLists(field) ? message.GetReflection()->FieldSize(message, &field) : 0;
  for (int i = 0; i < size && !violations.full(); ++i) {
    CheckElement(Element(message, field, i), Place{parent, field, i}, violations);
  }
}

void Check(const Message& message, const Place* parent, FieldViolations& violations) {
  // Asked one by one: a list of those that are set would be made for each message.
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count() && !violations.full(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.is_repeated()) {
      CheckList(message, parent, field, violations);
    } else if (message.GetReflection()->HasField(message, &field)) {
      CheckElement(Element(message, field, -1), Place{parent, field, -1}, violations);
    }
  }
}

}  // namespace

absl::Status ValidateRequest(const Message& request) {
  FieldViolations violations;
  Check(request, nullptr, violations);
  return violations.ToStatus();
}

}  // namespace orewatch::rpc
