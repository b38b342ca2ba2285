#include "common/filter/literal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "common/filter/time_text.h"
#include "google/protobuf/descriptor.h"

namespace orewatch::filter {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

absl::optional<Ordinal> ReadBool(absl::string_view text) {
  if (text == "true" || text == "false") {
    return int64_t{text == "true"};
  }
  return absl::nullopt;
}

// All values of an enum begin with the name of its zero value less this.
constexpr absl::string_view kZeroSuffix = "UNSPECIFIED";

absl::string_view ShortName(const EnumDescriptor& type, absl::string_view name) {
  absl::string_view prefix = type.value(0)->name();
  return absl::ConsumeSuffix(&prefix, kZeroSuffix) ? absl::StripPrefix(name, prefix) : name;
}

absl::optional<Ordinal> ReadEnum(const EnumDescriptor& type, absl::string_view text) {
  absl::optional<Ordinal> by_short_name;
  for (int i = 0; i < type.value_count(); ++i) {
    const auto& value = *type.value(i);
    if (absl::EqualsIgnoreCase(value.name(), text)) {
      return int64_t{value.number()};
    }
    if (!by_short_name.has_value() && absl::EqualsIgnoreCase(ShortName(type, value.name()), text)) {
      by_short_name = int64_t{value.number()};
    }
  }
  return by_short_name;
}

absl::optional<Ordinal> ReadSigned(const FieldDescriptor& field, absl::string_view text) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) {
    return absl::nullopt;
  }
  const bool narrow = field.cpp_type() == FieldDescriptor::CPPTYPE_INT32;
  if (narrow && (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max())) {
    return absl::nullopt;
  }
  return value;
}

absl::optional<Ordinal> ReadUnsigned(const FieldDescriptor& field, absl::string_view text) {
  uint64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) {
    return absl::nullopt;
  }
  const bool narrow = field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32;
  if (narrow && value > std::numeric_limits<uint32_t>::max()) {
    return absl::nullopt;
  }
  return value;
}

// The nearest number that the field can hold, so that a float equals the literal that it was written as.
absl::optional<Ordinal> ReadReal(const FieldDescriptor& field, absl::string_view text) {
  const bool narrow = field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT;
  const double largest = narrow ? std::numeric_limits<float>::max() : std::numeric_limits<double>::max();
  double value = 0;
  if (!absl::SimpleAtod(text, &value) || std::isnan(value) || std::abs(value) > largest) {
    return absl::nullopt;
  }
  if (narrow) {
    value = static_cast<float>(value);
  }
  // Zero has one spelling.
  return value == 0 ? 0.0 : value;
}

// Nothing if the literal is no value of the type. Numbers and bools have no quotation marks.
absl::optional<Ordinal> ReadOrdinalLiteral(const TypedField& typed, const Literal& literal) {
  switch (typed.type) {
    case ValueType::kEnum:
      return ReadEnum(*typed.field->enum_type(), literal.text);
    case ValueType::kTimestamp:
      return ReadTimestamp(literal.text);
    case ValueType::kDuration:
      return ReadDuration(literal.text);
    case ValueType::kDate:
      return ReadDate(literal.text);
    default:
      break;
  }
  if (literal.quoted) {
    return absl::nullopt;
  }
  switch (typed.type) {
    case ValueType::kBool:
      return ReadBool(literal.text);
    case ValueType::kSigned:
      return ReadSigned(*typed.field, literal.text);
    case ValueType::kUnsigned:
      return ReadUnsigned(*typed.field, literal.text);
    case ValueType::kReal:
      return ReadReal(*typed.field, literal.text);
    default:
      return absl::nullopt;
  }
}

std::string ExpectedEnum(const EnumDescriptor& type) {
  constexpr int kShown = 12;
  std::string expected = "one of ";
  for (int i = 0; i < std::min(type.value_count(), kShown); ++i) {
    absl::StrAppend(&expected, i == 0 ? "" : ", ", ShortName(type, type.value(i)->name()));
  }
  return absl::StrCat(expected, type.value_count() > kShown ? ", ..." : "");
}

std::string Expected(const TypedField& typed) {
  switch (typed.type) {
    case ValueType::kBool:
      return "true or false";
    case ValueType::kEnum:
      return ExpectedEnum(*typed.field->enum_type());
    case ValueType::kSigned:
    case ValueType::kUnsigned:
      return absl::StrCat("an integer that ", typed.field->type_name(), " can hold");
    case ValueType::kReal:
      return "a finite number";
    case ValueType::kTimestamp:
      return "an RFC 3339 time such as 2024-07-01T12:00:00Z";
    case ValueType::kDuration:
      return "seconds such as 1.5s";
    case ValueType::kDate:
      return "a date such as 2024, 2024-07 or 2024-07-01";
    default:
      return "'*'";
  }
}

// As it was written, without quotation marks.
std::string LiteralText(const Literal& literal) {
  if (literal.IsWildcardAlone()) {
    return "*";
  }
  return absl::StrCat(literal.open_start ? "*" : "", literal.text, literal.open_end ? "*" : "");
}

// The type that a literal looks like.
absl::string_view LiteralKind(const Literal& literal) {
  const absl::string_view text = literal.text;
  int64_t integer = 0;
  double real = 0;
  if (literal.HasWildcard()) {
    return "pattern";
  }
  if (literal.quoted) {
    return "string";
  }
  if (ReadBool(text).has_value()) {
    return "bool";
  }
  if (absl::SimpleAtoi(text, &integer)) {
    return "integer";
  }
  if (absl::SimpleAtod(text, &real)) {
    return "number";
  }
  if (ReadDate(text).has_value()) {
    return "date";
  }
  if (ReadTimestamp(text).has_value()) {
    return "timestamp";
  }
  return ReadDuration(text).has_value() ? "duration" : "word";
}

std::string RealText(double value) {
  constexpr size_t kLongest = 32;
  std::array<char, kLongest> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), written.ptr);
}

std::string OrdinalText(const TypedField& typed, const Ordinal& ordinal) {
  switch (typed.type) {
    case ValueType::kBool:
      return std::get<int64_t>(ordinal) != 0 ? "true" : "false";
    case ValueType::kEnum:
      return typed.field->enum_type()->FindValueByNumber(static_cast<int>(std::get<int64_t>(ordinal)))->name();
    case ValueType::kUnsigned:
      return absl::StrCat(std::get<uint64_t>(ordinal));
    case ValueType::kReal:
      return RealText(std::get<double>(ordinal));
    case ValueType::kTimestamp:
      return TimestampText(std::get<Instant>(ordinal));
    case ValueType::kDuration:
      return DurationText(std::get<Instant>(ordinal));
    case ValueType::kDate:
      return DateText(std::get<int64_t>(ordinal));
    default:
      return absl::StrCat(std::get<int64_t>(ordinal));
  }
}

std::string Escaped(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '"' || c == '*') {
      escaped.push_back('\\');
    }
    escaped.push_back(c);
  }
  return escaped;
}

}  // namespace

absl::StatusOr<Operand> ReadOperand(const Source& source, const TypedField& typed, absl::string_view subject,
                                    const Literal& literal) {
  if (typed.type == ValueType::kString) {
    return Operand{literal.text, literal.open_start, literal.open_end, {}};
  }
  if (!literal.HasWildcard()) {
    if (const auto ordinal = ReadOrdinalLiteral(typed, literal); ordinal.has_value()) {
      return Operand{"", false, false, *ordinal};
    }
  }
  return source.Error(literal.offset,
                      absl::StrCat("found the ", LiteralKind(literal), " ", Quoted(LiteralText(literal)), " for ",
                                   subject, " (", TypeName(typed), "), expected ", Expected(typed)));
}

std::string OperandText(const TypedField& typed, const Operand& operand) {
  return typed.type == ValueType::kString ? operand.text : OrdinalText(typed, operand.ordinal);
}

std::string SpellOperand(const TypedField& typed, const Operand& operand) {
  if (typed.type != ValueType::kString) {
    return OrdinalText(typed, operand.ordinal);
  }
  if (operand.text.empty() && operand.IsPattern()) {
    return "\"*\"";
  }
  return absl::StrCat("\"", operand.open_start ? "*" : "", Escaped(operand.text), operand.open_end ? "*" : "", "\"");
}

std::string SpellString(absl::string_view text) { return absl::StrCat("\"", Escaped(text), "\""); }

}  // namespace orewatch::filter
