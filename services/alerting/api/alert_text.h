// What an alert says to the person who is woken by it.
#pragma once

#include "orewatch/alerting/v1/alert.pb.h"
#include "services/alerting/engine/alert_view.h"

namespace orewatch::alerting {

// Sets the summary, and what the rule adds: its audience, labels and annotations.
void Describe(const RuledAlert& alert, v1::Alert& out);

}  // namespace orewatch::alerting
