// The values of fields that can be compared, read from any message by reflection.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace orewatch::filter {

// How the values of a field compare.
enum class ValueType {
  kString,     // by bytes
  kBool,       // false before true
  kEnum,       // by number
  kSigned,     // int32, int64 and their kin
  kUnsigned,   // uint32, uint64 and their kin
  kReal,       // float and double, exactly
  kTimestamp,  // google.protobuf.Timestamp
  kDuration,   // google.protobuf.Duration
  kDate,       // orewatch.type.v1.PartialDate, by its first day
  kMessage,    // any other message: it is there or not
  kBytes,      // likewise
};

// A field whose type was looked up once. The descriptor outlives it.
struct TypedField {
  const google::protobuf::FieldDescriptor* field = nullptr;
  ValueType type = ValueType::kMessage;
};
TypedField Typed(const google::protobuf::FieldDescriptor& field);

// The field's type as errors name it: `int32`, `enum Status`, `message Provenance`, `map`, `repeated string`.
std::string TypeName(const TypedField& typed);

// Seconds and nanoseconds of a Timestamp or a Duration.
struct Instant {
  int64_t seconds = 0;
  int32_t nanos = 0;
  // clang-tidy 14 sees a null pointer in what the compiler writes here. NOLINTNEXTLINE(modernize-use-nullptr)
  std::strong_ordering operator<=>(const Instant&) const = default;
};

// Any comparable value other than a string. Those of one field are of one alternative: int64_t for bools, enums,
// signed integers and dates (as DateOrdinal), the others for what they are called after.
using Ordinal = std::variant<int64_t, uint64_t, double, Instant>;

// The first day of a date whose month or day may be 0, as the decimal number YYYYMMDD.
int64_t DateOrdinal(int year, int month, int day);

// Element `index` of a repeated field; the value of a field that is not repeated.
inline constexpr int kNoIndex = -1;

// The value of a field that is neither a string nor kMessage nor kBytes; nothing if it is unknown: not set though its
// absence can be told, or a date without a year.
absl::optional<Ordinal> ReadOrdinal(const TypedField& typed, const google::protobuf::Message& message, int index);

// The value of a string field; nothing if it is not set though its absence can be told. It may live in `scratch`.
absl::optional<absl::string_view> ReadText(const TypedField& typed, const google::protobuf::Message& message, int index,
                                           std::string& scratch);

}  // namespace orewatch::filter
