#include "services/gateway/client/timers.h"

#include <memory>
#include <utility>

#include "grpc/support/time.h"
#include "grpcpp/alarm.h"

namespace orewatch::gateway {

void TransportTimers::After(absl::Duration delay, std::function<void()> task) {
  // Kept by its own callback.
  auto alarm = std::make_shared<grpc::Alarm>();
  grpc::Alarm& set = *alarm;
  // Whatever is done to the time of day meanwhile.
  const gpr_timespec due =
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(absl::ToInt64Nanoseconds(delay), GPR_TIMESPAN));
  set.Set(due, [alarm = std::move(alarm), task = std::move(task)](bool /*in_time*/) { task(); });
}

}  // namespace orewatch::gateway
