#include "common/app/limit_flags.h"

#include <algorithm>

#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "common/config/checks.h"
#include "common/status/status.h"

ABSL_FLAG(double, rate_limit_cost_per_second, 0,
          "What each caller may ask for in a second, by the cost that methods declare; 0: as much as they like.");
ABSL_FLAG(double, rate_limit_burst, 0, "What a caller who has asked for nothing may ask for at once; 0: that of 10 s.");
ABSL_FLAG(absl::Duration, queue_target, absl::Seconds(1),
          "Wait for a thread beyond which batch calls are refused, and four times which reads are; 0: they wait.");

ABSL_FLAG(absl::Duration, min_deadline, absl::Milliseconds(5),
          "Unary calls that are given less time are refused: their answer would come too late.");
ABSL_FLAG(bool, require_deadline, false, "Refuse unary calls without a deadline.");

namespace orewatch::app {

absl::Status ReadLimitFlags(rpc::CallLimits& limits) {
  constexpr double kMost = 1e9;
  constexpr double kSecondsOfBurst = 10;
  limits.rate.cost_per_second = absl::GetFlag(FLAGS_rate_limit_cost_per_second);
  limits.rate.burst = absl::GetFlag(FLAGS_rate_limit_burst);
  // NaN is in no range.
  if (!(limits.rate.cost_per_second >= 0 && limits.rate.cost_per_second <= kMost)) {
    return InvalidField("--rate_limit_cost_per_second", "must be between 0 and 1e9");
  }
  if (!(limits.rate.burst == 0 || (limits.rate.burst >= 1 && limits.rate.burst <= kMost))) {
    return InvalidField("--rate_limit_burst", "must be 0, or between 1 and 1e9");
  }
  if (limits.rate.burst == 0) {
    limits.rate.burst = std::max(1.0, kSecondsOfBurst * limits.rate.cost_per_second);
  }
  limits.require_deadline = absl::GetFlag(FLAGS_require_deadline);
  limits.min_deadline = absl::GetFlag(FLAGS_min_deadline);
  OREWATCH_RETURN_IF_ERROR(config::CheckDuration("--min_deadline", limits.min_deadline, absl::Seconds(1)));
  limits.queue_target = absl::GetFlag(FLAGS_queue_target);
  return config::CheckDuration("--queue_target", limits.queue_target, absl::Hours(1));
}

}  // namespace orewatch::app
