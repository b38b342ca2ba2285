// orewatch_risk_*: what operators see of risk.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/metrics/labelled.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "services/risk/domain/audit.h"
#include "services/risk/feed/registry_feed.h"

namespace orewatch::risk {

// Thread-safe. The registry outlives it.
class RiskMetrics {
 public:
  RiskMetrics(prometheus::Registry& registry, const Parameters& parameters);

  // A model has been made; `head` is the newest revision that the registry is known to have.
  void Publish(const Model& model, const Publication& publication, int64_t head, absl::Time at);
  // A subject's scores have been computed once more.
  void Audit(const risk::Audit& audit);
  // An answer was given from a model that was known to be the newest so long ago.
  void ObserveAge(absl::Duration age) { score_age_.Observe(absl::ToDoubleSeconds(age)); }

 private:
  // A subject's band, by number, before and after.
  using Bands = std::map<std::string, size_t>;
  void CountSubjects(const Model& model);
  void CountBandChanges(const Bands& before, const Bands& after);

  prometheus::Gauge& revision_;
  prometheus::Gauge& lag_;
  prometheus::Gauge& last_applied_;
  prometheus::Gauge& scores_;
  prometheus::Counter& recomputed_;
  prometheus::Counter& mismatches_;
  prometheus::Histogram& score_age_;
  const metrics::Labelled<prometheus::Gauge> subjects_;
  // By number of the band that was left.
  std::vector<metrics::Labelled<prometheus::Counter>> band_changes_;
  const metrics::Labelled<prometheus::Counter> computations_;
  const metrics::Labelled<prometheus::Histogram> compute_seconds_;
  // Used by the feed's thread alone.
  Bands bands_;
};

}  // namespace orewatch::risk
