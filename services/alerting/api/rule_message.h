// Rules as somebody sends them.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/alerting/record/rule_message.h"

namespace orewatch::alerting {

// The id in `rules/{rule}`. INVALID_ARGUMENT that names `field`.
absl::StatusOr<std::string> ParseRuleName(absl::string_view field, absl::string_view name);

// INVALID_ARGUMENT naming each offending field, below `rule.`. The name and the etag are not read.
absl::StatusOr<Rule> FromProto(const std::string& id, const v1::Rule& rule);

}  // namespace orewatch::alerting
