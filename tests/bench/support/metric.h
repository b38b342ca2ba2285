// What a process says of itself.
#pragma once

#include <string>

#include "tests/testing/service_process.h"

namespace orewatch::bench {

// The value of a metric without labels. Aborts if there is none.
double MetricOf(const testing::ServiceProcess& process, const std::string& name);

}  // namespace orewatch::bench
