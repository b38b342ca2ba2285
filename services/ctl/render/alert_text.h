// Alerts as people read them.
#pragma once

#include <string>

#include "google/protobuf/repeated_field.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {

Table AlertTable(const google::protobuf::RepeatedPtrField<alerting::v1::Alert>& alerts);
// `3 critical, 12 warning, 40 info`.
std::string SeverityCountsText(const google::protobuf::RepeatedPtrField<alerting::v1::Alert>& alerts);

// One line for a change of state.
std::string TransitionText(const alerting::v1::WatchAlertsResponse& change);

}  // namespace orewatch::ctl
