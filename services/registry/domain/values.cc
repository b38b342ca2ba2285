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
#include "services/registry/domain/field_values.h"

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

void CheckText(const FieldValue& value, FieldViolations& violations) {
  const std::string text = value.Text();
  const auto* holder = value.field.containing_type();
  if (text.size() > kMaxTextBytes) {
    violations.Add(value.Path(), absl::StrCat("must be at most ", kMaxTextBytes, " bytes"));
  } else if (HasControls(text)) {
    violations.Add(value.Path(), "must not contain control characters");
  } else if (holder->options().map_entry() && value.field.number() == 1 && !IsScheme(text)) {
    violations.Add(value.Path(), "must have keys of a-z, 0-9, _ and -, at most 63 characters");
  } else if (holder == type::v1::Provenance::descriptor() && value.field.name() == "as_of" && !text.empty() &&
             !IsDate(text)) {
    violations.Add(value.Path(), "must be a date of the calendar: 2024, 2024-07 or 2024-07-01");
  }
}

void CheckNumber(const FieldValue& value, FieldViolations& violations) {
  if (!std::isfinite(value.Number())) {
    violations.Add(value.Path(), "must be a finite number");
  }
}

// Of texts or messages.
void CheckDistinct(const FieldValue& first, FieldViolations& violations) {
  std::unordered_map<std::string, int> seen;
  for (int i = 0; i < first.ListSize(); ++i) {
    const FieldValue value{first.message, first.field, i, first.holder};
    const auto [like, is_new] = seen.emplace(value.IsText() ? value.Text() : value.Nested().SerializeAsString(), i);
    if (!is_new) {
      violations.Add(value.Path(), absl::StrCat("must not repeat ", first.FieldPath(), "[", like->second, "]"));
    }
  }
}

}  // namespace

void CheckValues(const Message& message, FieldViolations& violations) {
  VisitValues(message, [&violations](const FieldValue& value) {
    if (value.index == 0 && value.ListSize() > kMaxElements) {
      violations.Add(value.FieldPath(), absl::StrCat("must have at most ", kMaxElements, " elements"));
      return Onward::kPastField;
    }
    if (value.index == 0 && !value.field.is_map() && (value.IsText() || value.IsMessage())) {
      CheckDistinct(value, violations);
    }
    if (value.IsText()) {
      CheckText(value, violations);
    } else if (value.field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
      CheckNumber(value, violations);
    }
    return Onward::kInto;
  });
}

void CheckNoUnknownFields(const Message& message, FieldViolations& violations) {
  const auto check = [&violations](const Message& checked, const std::string& path) {
    const auto& unknown = checked.GetReflection()->GetUnknownFields(checked);
    if (!unknown.empty()) {
      violations.Add(path,
                     absl::StrCat("holds a field of number ", unknown.field(0).number(), ", which is not known here"));
    }
  };
  check(message, "");
  VisitValues(message, [&check](const FieldValue& value) {
    if (value.IsMessage()) {
      check(value.Nested(), value.Path());
    }
    return Onward::kInto;
  });
}

}  // namespace orewatch::registry
