// orewatch_alerting_*: what operators see of several replicas on one store.
#pragma once

#include <cstdint>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace orewatch::alerting {

// Thread-safe. The registry outlives it.
class ReplicaMetrics {
 public:
  explicit ReplicaMetrics(prometheus::Registry& registry);

  // 0: another replica evaluates.
  void ShowLease(int64_t epoch);
  // Commits of others that this replica knows of and has not taken over.
  void ShowLag(int64_t commits);
  void CountRetry() { retries_.Increment(); }

 private:
  prometheus::Gauge& held_;
  prometheus::Gauge& epoch_;
  prometheus::Gauge& lag_;
  prometheus::Counter& retries_;
};

}  // namespace orewatch::alerting
