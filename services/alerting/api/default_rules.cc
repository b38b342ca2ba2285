#include "services/alerting/api/default_rules.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/config/text_proto.h"
#include "common/status/status.h"
#include "services/alerting/api/converters.h"

namespace orewatch::alerting {
namespace {

absl::Status Malformed(const std::string& path, absl::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_RULE_SET", absl::StrCat(path, ": ", what));
}

}  // namespace

absl::StatusOr<std::vector<Rule>> ReadRuleSet(const std::string& path) {
  std::ifstream file(path);
  std::error_code error;
  // A folder opens, and throws when it is read.
  if (!file.is_open() || !std::filesystem::is_regular_file(path, error)) {
    return MakeError(absl::StatusCode::kNotFound, "FILE_NOT_FOUND", absl::StrCat("cannot read the rules in ", path));
  }
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  v1::RuleSet parsed;
  if (const auto wrong = config::ParseTextProto(text, parsed)) {
    return Malformed(path, *wrong);
  }
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
