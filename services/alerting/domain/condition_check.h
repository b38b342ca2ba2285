// What makes a condition one that can be evaluated.
#pragma once

#include <vector>

#include "services/alerting/domain/condition.h"
#include "services/alerting/domain/severity.h"
#include "services/alerting/domain/violation.h"

namespace orewatch::alerting {

// Everything that is wrong with a condition, its levels, and the severity that they build on.
void CheckCondition(const Condition& condition, Severity severity, const std::vector<Level>& levels,
                    std::vector<Violation>& violations);

}  // namespace orewatch::alerting
