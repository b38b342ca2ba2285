// Texts with named fields, such as `{{ .subject }} stands at {{ .value }}`.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace orewatch::alerting {

// What an annotation may name; FieldName says how. Every field has a text, if an empty one.
enum class Field {
  kAlert,
  kRule,
  kDisplayName,
  kReason,
  kSubject,
  kStage,
  kImporter,
  kMethod,
  kState,
  kSeverity,
  kValue,
  kLower,
  kUpper,
  kCompleteness,
  kCause,
  kTopCountry,
  kHappened,
  kInhibitedBy,
};

const char* FieldName(Field field);

// Immutable.
class Template {
 public:
  // Nothing, and what is wrong in `error`, if a `{{` has no `}}`, a `}}` no `{{`, or what stands between them is not a
  // dot and the name of a field.
  static std::optional<Template> Parse(absl::string_view text, std::string& error);

  std::string Render(absl::FunctionRef<std::string(Field)> text_of) const;

 private:
  std::vector<std::variant<std::string, Field>> parts_;
};

}  // namespace orewatch::alerting
