#include "services/alerting/deliver/outbox_watch.h"

#include "common/status/status.h"

namespace orewatch::alerting {
namespace {

constexpr absl::Duration kLookEvery = absl::Seconds(2);

}  // namespace

absl::Status OutboxWatch::Step() {
  if (!deps_.lease().has_value()) {
    next_look_ = absl::InfinitePast();
    deps_.metrics.SetOutbox({});
    return absl::OkStatus();
  }
  const absl::Time now = deps_.clock.Now();
  if (now < next_look_) {
    return absl::OkStatus();
  }
  next_look_ = now + kLookEvery;
  OREWATCH_ASSIGN_OR_RETURN(const Outbox outbox, deps_.store.ReadOutbox());
  deps_.metrics.SetOutbox(outbox);
  return absl::OkStatus();
}

}  // namespace orewatch::alerting
