// Rules to and from their messages, which are also what is stored.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/status/status.h"
#include "orewatch/alerting/v1/rule.pb.h"
#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

// `rules/{rule}`.
std::string RuleName(absl::string_view id);

v1::Rule ToProto(const Rule& rule);
// Takes everything as it stands; what is wrong with it Check says. Notes, below `rule.`, what cannot be taken: a filter
// that is none, or no condition.
Rule FromProto(const v1::Rule& rule, FieldViolations& violations);

}  // namespace orewatch::alerting
