#include "services/gateway/client/timers.h"

#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "grpcpp/alarm.h"

namespace orewatch::gateway {

void TransportTimers::After(absl::Duration delay, std::function<void()> task) {
  // Kept by its own callback.
  auto alarm = std::make_shared<grpc::Alarm>();
  grpc::Alarm& set = *alarm;
  set.Set(absl::ToChronoTime(absl::Now() + delay),
          [alarm = std::move(alarm), task = std::move(task)](bool /*in_time*/) { task(); });
}

}  // namespace orewatch::gateway
