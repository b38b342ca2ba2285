#include "services/alerting/api/rule_message.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "services/alerting/api/visibility_check.h"
#include "services/alerting/domain/rule_check.h"

namespace orewatch::alerting {
namespace {

constexpr char kRules[] = "rules/";

// A rule with an unknown direction, say, would be one that an older release cannot judge.
void CheckEnums(const google::protobuf::Message& message, const std::string& prefix, FieldViolations& violations) {
  const auto& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    const std::string path = absl::StrCat(prefix, field->name());
    if (field->is_map()) {
      continue;
    }
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_ENUM) {
        const int number = field->is_repeated() ? reflection.GetRepeatedEnumValue(message, field, i)
                                                : reflection.GetEnumValue(message, field);
        if (field->enum_type()->FindValueByNumber(number) == nullptr) {
          violations.Add(path, absl::StrCat("has no value ", number));
        }
      } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
        CheckEnums(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                        : reflection.GetMessage(message, field),
                   absl::StrCat(path, "."), violations);
      }
    }
  }
}

// 0 is a threshold too, which everything reaches.
void CheckRaise(const v1::Threshold& threshold, const std::string& prefix, FieldViolations& violations) {
  if (!threshold.has_raise()) {
    violations.Add(absl::StrCat(prefix, ".threshold.raise"), "is required");
  }
}

void CheckThresholds(const v1::Rule& rule, FieldViolations& violations) {
  if (rule.has_threshold()) {
    CheckRaise(rule.threshold(), "rule", violations);
  }
  for (int i = 0; i < rule.combination().parts_size(); ++i) {
    if (rule.combination().parts(i).has_threshold()) {
      CheckRaise(rule.combination().parts(i).threshold(), absl::StrCat("rule.combination.parts[", i, "]"), violations);
    }
  }
}

}  // namespace

absl::StatusOr<std::string> ParseRuleName(absl::string_view field, absl::string_view name) {
  if (!absl::ConsumePrefix(&name, kRules) || !IsValidRuleId(name)) {
    return InvalidField(field, "must be rules/{rule}");
  }
  return std::string(name);
}

absl::StatusOr<Rule> FromProto(const std::string& id, const v1::Rule& rule) {
  FieldViolations violations;
  Rule out = FromProto(rule, violations);
  out.id = id;
  out.etag.clear();
  CheckEnums(rule, "rule.", violations);
  CheckThresholds(rule, violations);
  CheckVisibility(out.visibility, "rule.visibility.", violations);
  for (const Violation& violation : Check(out)) {
    violations.Add(absl::StrCat("rule.", violation.field), violation.description);
  }
  if (rule.target().normalization_n() != 0) {
    violations.Add("rule.target.normalization_n", "must be unset: no rule can follow the method that it is for");
  }
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  return out;
}

}  // namespace orewatch::alerting
