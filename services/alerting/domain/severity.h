// How urgent an alert is.
#pragma once

namespace orewatch::alerting {

// In the order of urgency; the numbers are those of orewatch.alerting.v1.Severity.
enum class Severity { kUnspecified = 0, kInfo = 1, kWarning = 2, kCritical = 3 };

}  // namespace orewatch::alerting
