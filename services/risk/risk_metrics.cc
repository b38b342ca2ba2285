#include "services/risk/risk_metrics.h"

#include <algorithm>
#include <array>

namespace orewatch::risk {
namespace {

prometheus::Gauge& Gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Counter& Counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

// By number of Band.
constexpr std::array<const char*, 6> kBands = {"unknown", "low", "guarded", "elevated", "high", "severe"};

const prometheus::Histogram::BucketBoundaries& Seconds() {
  static const prometheus::Histogram::BucketBoundaries kSeconds = {0.0001, 0.0005, 0.001, 0.005, 0.01,
                                                                   0.05,   0.1,    0.5,   1,     5};
  return kSeconds;
}

const char* TriggerOf(const Publication& publication) { return publication.loaded ? "backfill" : "change"; }

}  // namespace

RiskMetrics::RiskMetrics(prometheus::Registry& registry)
    : revision_(Gauge(registry, "orewatch_risk_applied_revision", "Newest registry revision applied.")),
      lag_(Gauge(registry, "orewatch_risk_registry_revision_lag",
                 "Revisions that the registry is known to have and risk has not applied.")),
      last_applied_(
          Gauge(registry, "orewatch_risk_last_applied_timestamp_seconds", "When a revision was applied last.")),
      scores_(Gauge(registry, "orewatch_risk_scores", "Scores that are kept current.")),
      recomputed_(Counter(registry, "orewatch_risk_recomputed_total", "Scores computed once more from their facts.")),
      mismatches_(
          Counter(registry, "orewatch_risk_recompute_mismatch_total", "Scores that were not what their facts give.")),
      subjects_(prometheus::BuildGauge()
                    .Name("orewatch_risk_subjects")
                    .Help("Minerals by the band of their bottleneck stage.")
                    .Register(registry)),
      computations_(prometheus::BuildCounter()
                        .Name("orewatch_risk_computations_total")
                        .Help("Series computed, by what caused it.")
                        .Register(registry)),
      compute_seconds_(prometheus::BuildHistogram()
                           .Name("orewatch_risk_compute_seconds")
                           .Help("Time to apply a change set or a snapshot.")
                           .Register(registry)) {
  for (const bool loaded : {true, false}) {
    const char* trigger = TriggerOf({loaded, 0, {}});
    computations_.Add({{"trigger", trigger}, {"outcome", "ok"}});
    compute_seconds_.Add({{"trigger", trigger}}, Seconds());
  }
  for (const char* band : kBands) {
    subjects_.Add({{"band", band}});
  }
}

void RiskMetrics::Publish(const Model& model, const Publication& publication, int64_t head, absl::Time at) {
  revision_.Set(static_cast<double>(model.revision()));
  lag_.Set(static_cast<double>(std::max<int64_t>(0, head - model.revision())));
  last_applied_.Set(absl::ToDoubleSeconds(at - absl::UnixEpoch()));
  scores_.Set(static_cast<double>(model.scores().size()));
  CountSubjects(model);
  computations_.Add({{"trigger", TriggerOf(publication)}, {"outcome", "ok"}}).Increment(publication.computed_series);
  compute_seconds_.Add({{"trigger", TriggerOf(publication)}}, Seconds())
      .Observe(absl::ToDoubleSeconds(publication.took));
}

void RiskMetrics::Audit(const risk::Audit& audit) {
  recomputed_.Increment(static_cast<double>(audit.scores));
  mismatches_.Increment(static_cast<double>(audit.mismatches.size()));
}

void RiskMetrics::CountSubjects(const Model& model) {
  std::array<int, kBands.size()> counts = {};
  for (const auto& [key, score] : model.scores()) {
    if (score->bottleneck) {
      ++counts[static_cast<size_t>(score->band)];
    }
  }
  for (size_t band = 0; band < kBands.size(); ++band) {
    subjects_.Add({{"band", kBands[band]}}).Set(counts[band]);
  }
}

}  // namespace orewatch::risk
