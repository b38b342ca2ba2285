// What the requests that change rules ask for, checked.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {

// INVALID_ARGUMENT that names `field`; NOT_FOUND, also for who may not read the rule.
absl::StatusOr<Rule> FindVisibleRule(absl::string_view field, const std::string& name, const std::string& principal,
                                     const AlertEngine& engine);

// The rule that a request creates. INVALID_ARGUMENT naming each field.
absl::StatusOr<Rule> RuleToCreate(const v1::CreateRuleRequest& request);

// The same for the same request of the same method.
std::string DigestOf(const google::protobuf::Message& request);

// Under which the answer to a write is remembered; nothing without a request_id, or if nothing is to be written.
template <typename Request>
std::optional<RequestKey> KeyOf(const std::string& principal, const Request& request) {
  if (request.request_id().empty() || request.validate_only()) {
    return std::nullopt;
  }
  return RequestKey{.principal = principal, .request_id = request.request_id(), .fingerprint = DigestOf(request)};
}

// INVALID_ARGUMENT naming update_mask if a path is no field of a rule.
absl::Status CheckMask(const google::protobuf::FieldMask& mask);

// `current` (null: none) with the fields of the request that its mask names: `*` names all, no mask names those that
// are set. INVALID_ARGUMENT naming each field that the result has wrong.
absl::StatusOr<Rule> Merge(const std::string& id, const Rule* current, const v1::UpdateRuleRequest& request);

}  // namespace orewatch::alerting
