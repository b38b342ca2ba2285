#include "services/alerting/domain/template.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace orewatch::alerting {
namespace {

constexpr absl::string_view kOpen = "{{";
constexpr absl::string_view kClose = "}}";

struct Name {
  Field field;
  const char* name;
};
constexpr std::array kNames{
    Name{Field::kAlert, "alert"},
    Name{Field::kRule, "rule"},
    Name{Field::kDisplayName, "display_name"},
    Name{Field::kReason, "reason"},
    Name{Field::kSubject, "subject"},
    Name{Field::kStage, "stage"},
    Name{Field::kImporter, "importer"},
    Name{Field::kMethod, "method"},
    Name{Field::kState, "state"},
    Name{Field::kSeverity, "severity"},
    Name{Field::kValue, "value"},
    Name{Field::kLower, "lower"},
    Name{Field::kUpper, "upper"},
    Name{Field::kCompleteness, "completeness"},
    Name{Field::kCause, "cause"},
    Name{Field::kTopCountry, "top_country"},
    Name{Field::kHappened, "happened"},
    Name{Field::kInhibitedBy, "inhibited_by"},
};

std::optional<Field> FieldNamed(absl::string_view name) {
  for (const Name& known : kNames) {
    if (name == known.name) {
      return known.field;
    }
  }
  return std::nullopt;
}

std::string Unknown() {
  return absl::StrCat(
      "between {{ and }} must stand a dot and one of ",
      absl::StrJoin(kNames, ", ", [](std::string* out, const Name& known) { out->append(known.name); }));
}

}  // namespace

const char* FieldName(Field field) {
  for (const Name& known : kNames) {
    if (field == known.field) {
      return known.name;
    }
  }
  return "";
}

std::optional<Template> Template::Parse(absl::string_view text, std::string& error) {
  Template parsed;
  while (!text.empty()) {
    const size_t open = text.find(kOpen);
    const absl::string_view plain = text.substr(0, open);
    if (plain.find(kClose) != absl::string_view::npos) {
      error = "}} without {{";
      return std::nullopt;
    }
    if (!plain.empty()) {
      parsed.parts_.emplace_back(std::string(plain));
    }
    if (open == absl::string_view::npos) {
      return parsed;
    }
    text.remove_prefix(open + kOpen.size());
    const size_t close = text.find(kClose);
    if (close == absl::string_view::npos) {
      error = "{{ without }}";
      return std::nullopt;
    }
    absl::string_view name = absl::StripAsciiWhitespace(text.substr(0, close));
    const std::optional<Field> field = absl::ConsumePrefix(&name, ".") ? FieldNamed(name) : std::nullopt;
    if (!field.has_value()) {
      error = Unknown();
      return std::nullopt;
    }
    parsed.parts_.emplace_back(*field);
    text.remove_prefix(close + kClose.size());
  }
  return parsed;
}

std::string Template::Render(absl::FunctionRef<std::string(Field)> text_of) const {
  std::string text;
  for (const auto& part : parts_) {
    const auto* plain = std::get_if<std::string>(&part);
    text.append(plain != nullptr ? *plain : text_of(std::get<Field>(part)));
  }
  return text;
}

}  // namespace orewatch::alerting
