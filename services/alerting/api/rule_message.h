// Rules as messages.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "orewatch/alerting/v1/rule.pb.h"
#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

std::string RuleName(absl::string_view id);
// The id in `rules/{rule}`. INVALID_ARGUMENT that names `field`.
absl::StatusOr<std::string> ParseRuleName(absl::string_view field, absl::string_view name);

ScoreKey FromProto(const risk::v1::ScoreKey& key);
void ToProto(const ScoreKey& key, risk::v1::ScoreKey& out);

v1::Rule ToProto(const Rule& rule);
// As it was stored: INVALID_ARGUMENT if the name, the condition or the filter is none, and nothing else is checked.
absl::StatusOr<Rule> FromProto(const v1::Rule& rule);
// As somebody sends it: INVALID_ARGUMENT naming each offending field, below `rule.`. The name and the etag are not
// read.
absl::StatusOr<Rule> FromProto(const std::string& id, const v1::Rule& rule);

}  // namespace orewatch::alerting
