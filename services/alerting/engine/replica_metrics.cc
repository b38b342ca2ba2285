#include "services/alerting/engine/replica_metrics.h"

namespace orewatch::alerting {
namespace {

prometheus::Gauge& AddGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

ReplicaMetrics::ReplicaMetrics(prometheus::Registry& registry)
    : held_(AddGauge(registry, "orewatch_alerting_leader", "1 while this replica evaluates.")),
      epoch_(AddGauge(registry, "orewatch_alerting_lease_epoch", "Epoch of the lease that this replica had last.")),
      lag_(AddGauge(registry, "orewatch_alerting_commit_lag", "Commits of others that are not taken over yet.")),
      retries_(prometheus::BuildCounter()
                   .Name("orewatch_alerting_commit_retries_total")
                   .Help("Commits made again because another came first.")
                   .Register(registry)
                   .Add({})) {}

void ReplicaMetrics::ShowLease(int64_t epoch) {
  held_.Set(epoch != 0 ? 1 : 0);
  if (epoch != 0) {
    epoch_.Set(static_cast<double>(epoch));
  }
}

void ReplicaMetrics::ShowLag(int64_t commits) { lag_.Set(static_cast<double>(commits)); }

}  // namespace orewatch::alerting
