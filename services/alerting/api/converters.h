// Between messages and domain values.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/alerting/api/rule_message.h"
#include "services/alerting/engine/alert_view.h"
#include "services/alerting/record/rule_message.h"
#include "services/alerting/record/score_message.h"

namespace orewatch::alerting {

std::string AlertName(absl::string_view id);
// The id in `alerts/{alert}`. INVALID_ARGUMENT that names `field`.
absl::StatusOr<std::string> ParseAlertName(absl::string_view field, absl::string_view name);

// Without events and explanation.
v1::Alert ToProto(const RuledAlert& alert, const Position& position);
v1::AlertEvent ToProto(const TimelineEntry& entry);

}  // namespace orewatch::alerting
