// orewatch_risk_*: what operators see of risk.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "services/risk/domain/audit.h"
#include "services/risk/feed/registry_feed.h"

namespace orewatch::risk {

// Thread-safe. The registry outlives it.
class RiskMetrics {
 public:
  explicit RiskMetrics(prometheus::Registry& registry);

  // A model has been made; `head` is the newest revision that the registry is known to have.
  void Publish(const Model& model, const Publication& publication, int64_t head, absl::Time at);
  // A subject's scores have been computed once more.
  void Audit(const risk::Audit& audit);

 private:
  void CountSubjects(const Model& model);

  prometheus::Gauge& revision_;
  prometheus::Gauge& lag_;
  prometheus::Gauge& last_applied_;
  prometheus::Gauge& scores_;
  prometheus::Counter& recomputed_;
  prometheus::Counter& mismatches_;
  prometheus::Family<prometheus::Gauge>& subjects_;
  prometheus::Family<prometheus::Counter>& computations_;
  prometheus::Family<prometheus::Histogram>& compute_seconds_;
};

}  // namespace orewatch::risk
