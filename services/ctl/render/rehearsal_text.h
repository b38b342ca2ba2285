// Whether a rule would have fired, as people read it.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "orewatch/alerting/v1/rehearsal.pb.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {

Table FiringTable(const google::protobuf::RepeatedPtrField<alerting::v1::TestedFiring>& firings);

// How often, how loud and for how long, what is not known, and when.
std::string RehearsalText(absl::string_view rule, const alerting::v1::TestRuleResponse& response);

}  // namespace orewatch::ctl
