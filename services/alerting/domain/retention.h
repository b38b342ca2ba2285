// What is kept of alerts that are over, and for how long.
#pragma once

#include "absl/time/time.h"
#include "services/alerting/domain/alert.h"

namespace orewatch::alerting {

struct RetentionPolicy {
  // Of what has become of a delivery, whether it came through or was given up.
  absl::Duration deliveries = absl::Hours(24 * 90);
  // Of timelines.
  absl::Duration events = absl::Hours(24 * 365);
};

// Whether what happened to the alert at a time belongs to what is going on with it now: it has been live, or told of
// and not yet of its end, since then or longer.
bool GoesOnSince(const Alert& alert, absl::Time time);

}  // namespace orewatch::alerting
