// orewatch_alerting_*: what operators see of alerting.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/metrics/labelled.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "services/alerting/domain/timeline.h"
#include "services/alerting/engine/replica_metrics.h"
#include "services/alerting/notify_seconds.h"

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
  void SetFlapping(int64_t count) { flapping_.Set(static_cast<double>(count)); }
  // An entry of the timeline that has been stored.
  void CountEntry(const TimelineEntry& entry);
  void CountEvaluation(absl::Time at, absl::Duration took);
  // Of whoever evaluates.
  void CountFailure(const absl::Status& status);
  // Ticks of the grid that passed without an evaluation.
  void CountMissed(int64_t ticks) { missed_.Increment(static_cast<double>(ticks)); }
  // What has been dropped: "delivery", "dead_letter" or "event".
  void CountDropped(const char* what, size_t count) { dropped_.Of(what).Increment(static_cast<double>(count)); }
  NotifySeconds& notify() { return notify_; }
  ReplicaMetrics& replica() { return replica_; }

 private:
  const metrics::Labelled<prometheus::Gauge> rules_;
  // By number of the state.
  std::vector<metrics::Labelled<prometheus::Gauge>> alerts_;
  std::vector<metrics::Labelled<prometheus::Counter>> transitions_;
  prometheus::Gauge& flapping_;
  const metrics::Labelled<prometheus::Counter> suppressed_;
  prometheus::Counter& evaluations_;
  const metrics::Labelled<prometheus::Counter> failures_;
  prometheus::Counter& missed_;
  prometheus::Histogram& evaluation_seconds_;
  prometheus::Gauge& last_evaluation_;
  prometheus::Gauge& applied_revision_;
  const metrics::Labelled<prometheus::Counter> dropped_;
  NotifySeconds notify_;
  ReplicaMetrics replica_;
};

}  // namespace orewatch::alerting
