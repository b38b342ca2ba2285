#include "services/alerting/api/default_rules.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/alerting/api/converters.h"
#include "services/alerting/api/text_proto_file.h"

namespace orewatch::alerting {
namespace {

absl::Status Malformed(const std::string& path, absl::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_RULE_SET", absl::StrCat(path, ": ", what));
}

}  // namespace

absl::StatusOr<std::vector<Rule>> ReadRuleSet(const std::string& path) {
  v1::RuleSet parsed;
  OREWATCH_RETURN_IF_ERROR(ReadTextProto(path, "the rules", "INVALID_RULE_SET", parsed));
  std::vector<Rule> rules;
  std::set<std::string> ids;
  for (const v1::Rule& message : parsed.rules()) {
    absl::StatusOr<std::string> id = ParseRuleName("name", message.name());
    absl::StatusOr<Rule> rule = id.ok() ? FromProto(*id, message) : id.status();
    if (!rule.ok()) {
      return Malformed(path, absl::StrCat("rule `", message.name(), "`: ", rule.status().message()));
    }
    if (!ids.insert(rule->id).second) {
      return Malformed(path, absl::StrCat("rule `", message.name(), "` stands there twice"));
    }
    rules.push_back(*std::move(rule));
  }
  return rules;
}

}  // namespace orewatch::alerting
