// Alerts as people read them.
#pragma once

#include <string>

#include "google/protobuf/repeated_field.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {

// `cobalt refine for EU`.
std::string SubjectText(const risk::v1::ScoreKey& key);
// To the second.
std::string TimeText(google::protobuf::Timestamp time);

Table AlertTable(const google::protobuf::RepeatedPtrField<alerting::v1::Alert>& alerts);
// The same with what `alerts show` takes.
Table NamedAlertTable(const google::protobuf::RepeatedPtrField<alerting::v1::Alert>& alerts);
// `3 critical, 12 warning, 40 info`.
std::string SeverityCountsText(const google::protobuf::RepeatedPtrField<alerting::v1::Alert>& alerts);

// One line for an event of a stream.
std::string AlertEventText(const alerting::v1::WatchAlertsResponse& message);

// A timeline, in the order given.
Table AlertEventTable(const google::protobuf::RepeatedPtrField<alerting::v1::AlertEvent>& events);

// One alert: what, since when, who cares for it, why, and what happened to it.
std::string AlertText(const alerting::v1::Alert& alert);

}  // namespace orewatch::ctl
