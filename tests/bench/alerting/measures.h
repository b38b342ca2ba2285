// What is measured of alerting.
#pragma once

#include <vector>

#include "tests/bench/alerting/plant.h"
#include "tests/bench/support/runner.h"

namespace orewatch::bench {

// Judging scores by rules, on an engine over a file, and the time until a process can do that.
std::vector<Figure> MeasureEvaluation(const Effort& effort, const Size& size);
// From a score that changes to a notification, and how fast what fires is pushed, with a real Alertmanager.
std::vector<Figure> MeasureDelivery(const Effort& effort, const Size& size);

}  // namespace orewatch::bench
