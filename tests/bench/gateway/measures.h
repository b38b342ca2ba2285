// What is measured of the gateway. Each takes subjects of its own.
#pragma once

#include <vector>

#include "tests/bench/support/runner.h"

namespace orewatch::bench {

// GetOverview and GetSupplierBrief, told again from memory, and put together each time.
std::vector<Figure> MeasureBriefs(const Effort& effort);
// How much longer a brief takes than the slowest of the calls that it is made of, one at a time.
std::vector<Figure> MeasureAddedTime(const Effort& effort);

}  // namespace orewatch::bench
