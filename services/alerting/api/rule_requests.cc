#include "services/alerting/api/rule_requests.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/field_mask_util.h"
#include "services/alerting/api/converters.h"
#include "services/alerting/domain/fingerprint.h"

namespace orewatch::alerting {
namespace {

using google::protobuf::util::FieldMaskUtil;

constexpr char kAllFields[] = "*";

bool NamesAll(const google::protobuf::FieldMask& mask) {
  for (const std::string& path : mask.paths()) {
    if (path == kAllFields) {
      return true;
    }
  }
  return false;
}

// A list that is sent replaces the one that was.
void ClearLists(const v1::Rule& sent, v1::Rule& merged) {
  const auto& reflection = *sent.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(sent, &fields);
  for (const auto* field : fields) {
    if (field->is_repeated()) {
      reflection.ClearField(&merged, field);
    }
  }
}

}  // namespace

absl::StatusOr<Rule> FindVisibleRule(absl::string_view field, const std::string& name, const std::string& principal,
                                     const AlertEngine& engine) {
  OREWATCH_ASSIGN_OR_RETURN(const std::string id, ParseRuleName(field, name));
  std::optional<Rule> rule = engine.view().FindRule(id);
  if (!rule.has_value() || !rule->visibility.Admits(principal)) {
    return MakeError(absl::StatusCode::kNotFound, "RULE_NOT_FOUND", absl::StrCat("there is no ", name),
                     {{"name", name}});
  }
  return *std::move(rule);
}

absl::StatusOr<Rule> RuleToCreate(const v1::CreateRuleRequest& request) {
  FieldViolations violations;
  if (!IsValidRuleId(request.rule_id())) {
    violations.Add("rule_id", "must be [a-z0-9][a-z0-9-]{0,62}");
  }
  absl::StatusOr<Rule> rule = FromProto(request.rule_id(), request.rule());
  violations.AddAll("", rule.status());
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  return rule;
}

std::string DigestOf(const google::protobuf::Message& request) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    // Maps have no order of their own.
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  return Fingerprint().Add(request.GetDescriptor()->name()).Add(bytes).Hex();
}

absl::Status CheckMask(const google::protobuf::FieldMask& mask) {
  FieldViolations violations;
  for (const std::string& path : mask.paths()) {
    if (path != kAllFields && !FieldMaskUtil::IsValidPath<v1::Rule>(path)) {
      violations.Add("update_mask", absl::StrCat("`", path, "` is no field of a rule"));
    }
  }
  return violations.ToStatus();
}

absl::StatusOr<Rule> Merge(const std::string& id, const Rule* current, const v1::UpdateRuleRequest& request) {
  v1::Rule merged;
  // A rule that does not exist yet is created whole, whatever the mask.
  if (current == nullptr || NamesAll(request.update_mask())) {
    merged = request.rule();
  } else if (request.update_mask().paths().empty()) {
    merged = ToProto(*current);
    ClearLists(request.rule(), merged);
    merged.MergeFrom(request.rule());
  } else {
    merged = ToProto(*current);
    FieldMaskUtil::MergeOptions options;
    options.set_replace_message_fields(true);
    FieldMaskUtil::MergeMessageTo(request.rule(), request.update_mask(), options, &merged);
  }
  return FromProto(id, merged);
}

}  // namespace orewatch::alerting
