// What the requests that change rules ask for, checked.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {

// The rule that a request creates. INVALID_ARGUMENT naming each field.
absl::StatusOr<Rule> RuleToCreate(const v1::CreateRuleRequest& request);

// Under which the answer is remembered; nothing without a request_id, or if nothing is to be created.
std::optional<RequestKey> KeyOf(const std::string& principal, const v1::CreateRuleRequest& request);

// INVALID_ARGUMENT naming update_mask if a path is no field of a rule.
absl::Status CheckMask(const google::protobuf::FieldMask& mask);

// `current` (null: none) with the fields of the request that its mask names: `*` names all, no mask names those that
// are set. INVALID_ARGUMENT naming each field that the result has wrong.
absl::StatusOr<Rule> Merge(const std::string& id, const Rule* current, const v1::UpdateRuleRequest& request);

}  // namespace orewatch::alerting
