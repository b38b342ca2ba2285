// orewatch_alerting_*: what operators see of alerting.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "services/alerting/domain/alert.h"
#include "services/alerting/engine/replica_metrics.h"

namespace orewatch::alerting {

// Lower case, as it stands in labels and texts.
const char* StateName(AlertState state);
const char* SeverityName(Severity severity);

// Thread-safe. The registry outlives it.
class AlertMetrics {
 public:
  explicit AlertMetrics(prometheus::Registry& registry);

  void SetRules(int64_t enabled, int64_t disabled);
  void SetAppliedRevision(int64_t revision);
  void SetAlerts(AlertState state, Severity severity, int64_t count);
  void CountTransition(AlertState from, AlertState to);
  void CountEvaluation(absl::Time at, absl::Duration took);
  ReplicaMetrics& replica() { return replica_; }

 private:
  prometheus::Family<prometheus::Gauge>& rules_;
  prometheus::Family<prometheus::Gauge>& alerts_;
  prometheus::Family<prometheus::Counter>& transitions_;
  prometheus::Counter& evaluations_;
  prometheus::Histogram& evaluation_seconds_;
  prometheus::Gauge& last_evaluation_;
  prometheus::Gauge& applied_revision_;
  ReplicaMetrics replica_;
};

}  // namespace orewatch::alerting
