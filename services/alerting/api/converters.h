// Between messages and domain values.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/alerting/engine/alert_view.h"

namespace orewatch::alerting {

std::string RuleName(absl::string_view id);
std::string AlertName(absl::string_view id);
// The id in `rules/{rule}` or `alerts/{alert}`. INVALID_ARGUMENT that names `field`.
absl::StatusOr<std::string> ParseRuleName(absl::string_view field, absl::string_view name);
absl::StatusOr<std::string> ParseAlertName(absl::string_view field, absl::string_view name);

v1::Rule ToProto(const Rule& rule);
// INVALID_ARGUMENT naming each offending field, below `rule.`. The name and the etag are not read.
absl::StatusOr<Rule> FromProto(const std::string& id, const v1::Rule& rule);

// Without events and explanation.
v1::Alert ToProto(const RuledAlert& alert, const Position& position);
v1::AlertEvent ToProto(const TimelineEntry& entry);
void ToProto(const Revision& revision, type::v1::Revision& out);

}  // namespace orewatch::alerting
