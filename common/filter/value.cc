#include "common/filter/value.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace orewatch::filter {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

ValueType TypeOfMessage(const std::string& full_name) {
  if (full_name == "google.protobuf.Timestamp") {
    return ValueType::kTimestamp;
  }
  if (full_name == "google.protobuf.Duration") {
    return ValueType::kDuration;
  }
  return full_name == "orewatch.type.v1.PartialDate" ? ValueType::kDate : ValueType::kMessage;
}

ValueType TypeOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? ValueType::kBytes : ValueType::kString;
    case FieldDescriptor::CPPTYPE_BOOL:
      return ValueType::kBool;
    case FieldDescriptor::CPPTYPE_ENUM:
      return ValueType::kEnum;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return ValueType::kSigned;
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return ValueType::kUnsigned;
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return ValueType::kReal;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return TypeOfMessage(field.message_type()->full_name());
  }
  return ValueType::kBytes;
}

// A field of one message. To ask a message for its reflection costs as much as to read a field, so it is asked once.
class Slot {
 public:
  Slot(const FieldDescriptor& field, const Message& message, int index)
      : field_(field), message_(message), reflection_(*message.GetReflection()), index_(index) {}

  bool IsUnknown() const { return field_.has_presence() && !reflection_.HasField(message_, &field_); }

  Ordinal ReadNumber() const {
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_BOOL:
        return int64_t{Read(&Reflection::GetBool, &Reflection::GetRepeatedBool)};
      case FieldDescriptor::CPPTYPE_ENUM:
        return int64_t{Read(&Reflection::GetEnumValue, &Reflection::GetRepeatedEnumValue)};
      case FieldDescriptor::CPPTYPE_INT32:
        return int64_t{Read(&Reflection::GetInt32, &Reflection::GetRepeatedInt32)};
      case FieldDescriptor::CPPTYPE_INT64:
        return int64_t{Read(&Reflection::GetInt64, &Reflection::GetRepeatedInt64)};
      case FieldDescriptor::CPPTYPE_UINT32:
        return uint64_t{Read(&Reflection::GetUInt32, &Reflection::GetRepeatedUInt32)};
      case FieldDescriptor::CPPTYPE_UINT64:
        return uint64_t{Read(&Reflection::GetUInt64, &Reflection::GetRepeatedUInt64)};
      case FieldDescriptor::CPPTYPE_FLOAT:
        return double{Read(&Reflection::GetFloat, &Reflection::GetRepeatedFloat)};
      default:
        return Read(&Reflection::GetDouble, &Reflection::GetRepeatedDouble);
    }
  }

  absl::string_view ReadText(std::string& scratch) const {
    return index_ == kNoIndex ? reflection_.GetStringReference(message_, &field_, &scratch)
                              : reflection_.GetRepeatedStringReference(message_, &field_, index_, &scratch);
  }

  // A Timestamp and a Duration number their fields alike.
  Instant ReadInstant() const {
    const Message& instant = ReadMessage();
    const Reflection& reflection = *instant.GetReflection();
    return {reflection.GetInt64(instant, Part(1)), reflection.GetInt32(instant, Part(2))};
  }

  absl::optional<Ordinal> ReadDate() const {
    const Message& date = ReadMessage();
    const Reflection& reflection = *date.GetReflection();
    const int year = reflection.GetInt32(date, Part(1));
    if (year < 1) {
      return absl::nullopt;
    }
    return DateOrdinal(year, reflection.GetInt32(date, Part(2)), reflection.GetInt32(date, Part(3)));
  }

 private:
  template <typename Value>
  using Single = Value (Reflection::*)(const Message&, const FieldDescriptor*) const;
  template <typename Value>
  using Repeated = Value (Reflection::*)(const Message&, const FieldDescriptor*, int) const;

  // Through the getter that fits.
  template <typename Value>
  Value Read(Single<Value> single, Repeated<Value> repeated) const {
    return index_ == kNoIndex ? (reflection_.*single)(message_, &field_)
                              : (reflection_.*repeated)(message_, &field_, index_);
  }

  const Message& ReadMessage() const {
    return index_ == kNoIndex ? reflection_.GetMessage(message_, &field_)
                              : reflection_.GetRepeatedMessage(message_, &field_, index_);
  }

  const FieldDescriptor* Part(int number) const { return field_.message_type()->FindFieldByNumber(number); }

  const FieldDescriptor& field_;
  const Message& message_;
  const Reflection& reflection_;
  const int index_;
};

}  // namespace

TypedField Typed(const FieldDescriptor& field) { return {&field, TypeOf(field)}; }

std::string TypeName(const TypedField& typed) {
  const FieldDescriptor& field = *typed.field;
  if (field.is_map()) {
    return "map";
  }
  const std::string prefix = field.is_repeated() ? "repeated " : "";
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrCat(prefix, "enum ", field.enum_type()->name());
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return absl::StrCat(prefix, typed.type == ValueType::kMessage ? "message " : "", field.message_type()->name());
    default:
      return absl::StrCat(prefix, field.type_name());
  }
}

int64_t DateOrdinal(int year, int month, int day) {
  constexpr int64_t kDays = 100;
  constexpr int64_t kMonths = 100;
  return (int64_t{year} * kMonths + std::max(month, 1)) * kDays + std::max(day, 1);
}

absl::optional<Ordinal> ReadOrdinal(const TypedField& typed, const Message& message, int index) {
  const Slot slot(*typed.field, message, index);
  if (slot.IsUnknown()) {
    return absl::nullopt;
  }
  switch (typed.type) {
    case ValueType::kTimestamp:
    case ValueType::kDuration:
      return slot.ReadInstant();
    case ValueType::kDate:
      return slot.ReadDate();
    default:
      return slot.ReadNumber();
  }
}

absl::optional<absl::string_view> ReadText(const TypedField& typed, const Message& message, int index,
                                           std::string& scratch) {
  const Slot slot(*typed.field, message, index);
  return slot.IsUnknown() ? absl::nullopt : absl::make_optional(slot.ReadText(scratch));
}

}  // namespace orewatch::filter
