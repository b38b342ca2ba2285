// What an audit log shows of itself.
#pragma once

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace orewatch::audit {

// Thread-safe. There whether or not a log is written.
struct AuditMetrics {
  explicit AuditMetrics(prometheus::Registry& all);

  // Where they are.
  prometheus::Registry& registry;
  prometheus::Counter& changes;
  prometheus::Counter& refusals;
  // Refusals that were counted and not told one by one.
  prometheus::Counter& summed;
  prometheus::Counter& lost;
  prometheus::Counter& write_failures;
  prometheus::Counter& anchor_failures;
  // 1 while records can be written.
  prometheus::Gauge& writable;
  prometheus::Gauge& sequence;
  prometheus::Gauge& anchored_sequence;
  prometheus::Histogram& write_seconds;
};

}  // namespace orewatch::audit
