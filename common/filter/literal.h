// Literals as values of the type that they are compared with.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/source.h"
#include "common/filter/syntax.h"
#include "common/filter/value.h"

namespace orewatch::filter {

// The right side of a comparison with a field.
struct Operand {
  // For strings.
  std::string text;
  // The text may have anything before, after it. For strings.
  bool open_start = false;
  bool open_end = false;
  // For all other types.
  Ordinal ordinal;

  bool IsPattern() const { return open_start || open_end; }
};

// The literal as a value of the field, which errors call `subject`. INVALID_ARGUMENT with the column, both types and
// what was expected if it is none.
absl::StatusOr<Operand> ReadOperand(const Source& source, const TypedField& typed, absl::string_view subject,
                                    const Literal& literal);

// The value alone: a string as it is, an enum by its full name, a time in UTC, a date by its first day, a number by its
// shortest digits.
std::string OperandText(const TypedField& typed, const Operand& operand);

// As a filter spells it: strings with quotation marks, escapes and wildcards.
std::string SpellOperand(const TypedField& typed, const Operand& operand);

// The text between double quotes, each special character escaped.
std::string SpellString(absl::string_view text);

}  // namespace orewatch::filter
