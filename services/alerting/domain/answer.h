// What a request that may be repeated was answered.
#pragma once

#include <variant>

#include "services/alerting/domain/alert.h"
#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

// Of what changed a rule: the rule. Of what somebody did with an alert: the alert as that left it.
using Answer = std::variant<Rule, Alert>;

}  // namespace orewatch::alerting
