// Alerts and the entries of their timeline to and from what is stored of them.
#pragma once

#include "services/alerting/domain/alert.h"
#include "services/alerting/domain/timeline.h"
#include "services/alerting/record/state.pb.h"

namespace orewatch::alerting {

void ToRecord(const Alert& alert, record::Alert& out);
Alert FromRecord(const record::Alert& alert);

void ToRecord(const TimelineEntry& entry, record::Transition& out);
TimelineEntry FromRecord(const record::Transition& entry);

}  // namespace orewatch::alerting
