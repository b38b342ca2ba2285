#include "services/alerting/domain/retention.h"

#include <algorithm>

namespace orewatch::alerting {

bool GoesOnSince(const Alert& alert, absl::Time time) {
  if (!alert.Live() && !alert.announced) {
    return false;
  }
  absl::Time begin =
      std::min(alert.pending_time.value_or(absl::InfiniteFuture()), alert.fire_time.value_or(absl::InfiniteFuture()));
  if (alert.announced && alert.told.has_value()) {
    begin = std::min(begin, alert.told->time);
  }
  return time >= begin;
}

}  // namespace orewatch::alerting
