#include "services/registry/domain/values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/descriptor.pb.h"
#include "orewatch/type/v1/types.pb.h"

namespace orewatch::registry {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsDigits(absl::string_view text, size_t length) {
  return text.size() == length && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c));
         });
}

// `2024`, `2024-07` or `2024-07-01`.
bool IsDate(absl::string_view text) {
  constexpr std::array<size_t, 3> kDigits = {4, 2, 2};
  std::array<int, 3> numbers = {1, 1, 1};
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  if (parts.size() > numbers.size()) {
    return false;
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!IsDigits(parts[i], kDigits.at(i)) || !absl::SimpleAtoi(parts[i], &numbers.at(i))) {
      return false;
    }
  }
  const absl::CivilDay day(numbers[0], numbers[1], numbers[2]);
  return numbers[0] > 0 && day.month() == numbers[1] && day.day() == numbers[2];
}

// Whether it holds one of the characters before the blank, other than tab and line breaks.
bool HasControls(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    constexpr unsigned char kBlank = ' ';
    return static_cast<unsigned char>(c) < kBlank && c != '\t' && c != '\n' && c != '\r';
  });
}

bool IsScheme(absl::string_view text) {
  constexpr size_t kMaxSchemeBytes = 63;
  return !text.empty() && text.size() <= kMaxSchemeBytes && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           c == '_' || c == '-';
  });
}

void CheckText(const FieldDescriptor& field, const std::string& text, const std::string& path,
               FieldViolations& violations) {
  if (text.size() > kMaxTextBytes) {
    violations.Add(path, absl::StrCat("must be at most ", kMaxTextBytes, " bytes"));
    return;
  }
  const auto* holder = field.containing_type();
  if (HasControls(text)) {
    violations.Add(path, "must not contain control characters");
  } else if (holder->options().map_entry() && field.number() == 1 && !IsScheme(text)) {
    violations.Add(path, "must have keys of a-z, 0-9, _ and -, at most 63 characters");
  } else if (holder == type::v1::Provenance::descriptor() && field.name() == "as_of" && !text.empty() &&
             !IsDate(text)) {
    violations.Add(path, "must be a date of the calendar: 2024, 2024-07 or 2024-07-01");
  }
}

void CheckElement(const Message& message, const FieldDescriptor& field, int index, const std::string& path,
                  FieldViolations& violations) {
  const auto* reflection = message.GetReflection();
  const bool repeated = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return CheckText(
          field,
          repeated ? reflection->GetRepeatedString(message, &field, index) : reflection->GetString(message, &field),
          path, violations);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      if (!repeated && !std::isfinite(reflection->GetDouble(message, &field))) {
        violations.Add(path, "must be a finite number");
      }
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return CheckValues(
          repeated ? reflection->GetRepeatedMessage(message, &field, index) : reflection->GetMessage(message, &field),
          absl::StrCat(path, "."), violations);
    default:
      return;
  }
}

void CheckDistinct(const Message& message, const FieldDescriptor& field, const std::string& path,
                   FieldViolations& violations) {
  const auto* reflection = message.GetReflection();
  const bool texts = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  std::unordered_map<std::string, int> seen;
  for (int i = 0; i < reflection->FieldSize(message, &field); ++i) {
    const auto [first, is_new] =
        seen.emplace(texts ? reflection->GetRepeatedString(message, &field, i)
                           : reflection->GetRepeatedMessage(message, &field, i).SerializeAsString(),
                     i);
    if (!is_new) {
      violations.Add(absl::StrCat(path, "[", i, "]"), absl::StrCat("must not repeat ", path, "[", first->second, "]"));
    }
  }
}

}  // namespace

void CheckValues(const Message& message, const std::string& prefix, FieldViolations& violations) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string path = absl::StrCat(prefix, field->name());
    if (!field->is_repeated()) {
      CheckElement(message, *field, -1, path, violations);
      continue;
    }
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      CheckElement(message, *field, i, absl::StrCat(path, "[", i, "]"), violations);
    }
    if (!field->is_map()) {
      CheckDistinct(message, *field, path, violations);
    }
  }
}

}  // namespace orewatch::registry
