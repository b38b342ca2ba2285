// What the requests that act on alerts ask for, checked.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {

// Each returns INVALID_ARGUMENT naming each field. The principal acts.
absl::StatusOr<Action> ActionOf(const v1::AcknowledgeAlertRequest& request, absl::Time now);
absl::StatusOr<Action> ActionOf(const v1::UnacknowledgeAlertRequest& request, absl::Time now);
absl::StatusOr<Action> ActionOf(const v1::SnoozeAlertRequest& request, absl::Time now);
absl::StatusOr<Action> ActionOf(const v1::CommentAlertRequest& request, absl::Time now);
absl::StatusOr<Action> ActionOf(const v1::AssignAlertRequest& request, absl::Time now);
absl::StatusOr<Action> ActionOf(const v1::ResolveAlertRequest& request, absl::Time now);

}  // namespace orewatch::alerting
