// Alerts and the entries of their timeline to and from what is stored of them.
#pragma once

#include "services/alerting/domain/alert.h"
#include "services/alerting/record/state.pb.h"

namespace orewatch::alerting {

void ToRecord(const Alert& alert, record::Alert& out);
Alert FromRecord(const record::Alert& alert);

void ToRecord(const Transition& transition, record::Transition& out);
Transition FromRecord(const record::Transition& transition);

}  // namespace orewatch::alerting
