// Why nobody is told of what would else have been told.
#pragma once

#include <array>

#include "services/alerting/domain/timeline.h"

namespace orewatch::alerting {

// What can keep an alert quiet.
inline constexpr std::array kSuppressions = {"snoozed", "acknowledged", "dependency", "new_subject", "flapping"};

// Of an alert that fires, or gets worse, or flaps and is over, without anybody being told: one of kSuppressions. Null:
// somebody is told, of it alone or along with others, or there is nothing to tell.
const char* SuppressionOf(const TimelineEntry& entry);

}  // namespace orewatch::alerting
