// Shows what lies in the outbox.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/time/clock.h"
#include "services/alerting/deliver/delivery_metrics.h"
#include "services/alerting/deliver/lease.h"
#include "services/alerting/store/delivery_store.h"

namespace orewatch::alerting {

// Thread-compatible.
class OutboxWatch {
 public:
  // All outlive it.
  struct Dependencies {
    DeliveryStore& store;
    const Clock& clock;
    DeliveryMetrics& metrics;
    GetLease lease;
  };
  explicit OutboxWatch(const Dependencies& dependencies) : deps_(dependencies) {}

  // However often it is called, the store is asked once in a while. Who does not send shows an empty outbox, so that
  // the replicas of a store add up to one of it. What could not be read stays as it was. As DeliveryStore.
  absl::Status Step();

 private:
  const Dependencies deps_;
  absl::Time next_look_ = absl::InfinitePast();
};

}  // namespace orewatch::alerting
