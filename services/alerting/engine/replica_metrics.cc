#include "services/alerting/engine/replica_metrics.h"

#include "common/metrics/labelled.h"

namespace orewatch::alerting {

ReplicaMetrics::ReplicaMetrics(prometheus::Registry& registry)
    : held_(metrics::AddGauge(registry, "orewatch_alerting_leader", "1 while this replica evaluates.")),
      epoch_(metrics::AddGauge(registry, "orewatch_alerting_lease_epoch",
                               "Epoch of the lease that this replica had last.")),
      lag_(metrics::AddGauge(registry, "orewatch_alerting_commit_lag",
                             "Commits of others that are not taken over yet.")),
      retries_(metrics::AddCounter(registry, "orewatch_alerting_commit_retries_total",
                                   "Commits made again because another came first.")) {}

void ReplicaMetrics::ShowLease(int64_t epoch) {
  held_.Set(epoch != 0 ? 1 : 0);
  if (epoch != 0) {
    epoch_.Set(static_cast<double>(epoch));
  }
}

void ReplicaMetrics::ShowLag(int64_t commits) { lag_.Set(static_cast<double>(commits)); }

}  // namespace orewatch::alerting
