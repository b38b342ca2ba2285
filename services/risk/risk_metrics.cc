#include "services/risk/risk_metrics.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

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

const prometheus::Histogram::BucketBoundaries& Ages() {
  static const prometheus::Histogram::BucketBoundaries kAges = {0.5, 1.5, 5.5, 15.5, 60.5, 300.5, 3600.5};
  return kAges;
}

const std::vector<std::string>& Triggers() {
  static const std::vector<std::string> kTriggers = {"backfill", "change"};
  return kTriggers;
}

const char* TriggerOf(const Publication& publication) { return publication.loaded ? "backfill" : "change"; }

}  // namespace

RiskMetrics::RiskMetrics(prometheus::Registry& registry, const Parameters& parameters)
    : revision_(Gauge(registry, "orewatch_risk_applied_revision", "Newest registry revision applied.")),
      lag_(Gauge(registry, "orewatch_risk_registry_revision_lag",
                 "Revisions that the registry is known to have and risk has not applied.")),
      last_applied_(
          Gauge(registry, "orewatch_risk_last_applied_timestamp_seconds", "When a revision was applied last.")),
      scores_(Gauge(registry, "orewatch_risk_scores", "Scores that are kept current.")),
      recomputed_(Counter(registry, "orewatch_risk_recomputed_total", "Scores computed once more from their facts.")),
      mismatches_(
          Counter(registry, "orewatch_risk_recompute_mismatch_total", "Scores that were not what their facts give.")),
      score_age_(prometheus::BuildHistogram()
                     .Name("orewatch_risk_score_age_seconds")
                     .Help("Since scores that were told were last known to be of the registry's newest revision.")
                     .Register(registry)
                     .Add({}, Ages())),
      subjects_(
          metrics::AddGauges(registry, "orewatch_risk_subjects", "Minerals by the band of their bottleneck stage."),
          "band", {kBands.begin(), kBands.end()}),
      computations_(
          metrics::AddCounters(registry, "orewatch_risk_computations_total", "Series computed, by what caused it."),
          "trigger", Triggers(), {{"outcome", "ok"}}),
      compute_seconds_(prometheus::BuildHistogram()
                           .Name("orewatch_risk_compute_seconds")
                           .Help("Time to apply a change set or a snapshot.")
                           .Register(registry),
                       "trigger", Triggers(), {}, Seconds()) {
  auto& changes = metrics::AddCounters(registry, "orewatch_risk_band_changes_total",
                                       "Minerals that went from one band to another.");
  for (const std::string from : kBands) {
    std::vector<std::string> others;
    std::copy_if(kBands.begin(), kBands.end(), std::back_inserter(others), [&](const char* to) { return to != from; });
    band_changes_.emplace_back(changes, "to", others, prometheus::Labels{{"from", from}});
  }
  metrics::AddGauges(registry, "orewatch_risk_parameters_info", "What scores are computed with; always 1.")
      .Add({{"parameter_set", parameters.name}, {"hash", parameters.digest}})
      .Set(1);
}

void RiskMetrics::Publish(const Model& model, const Publication& publication, int64_t head, absl::Time at) {
  revision_.Set(static_cast<double>(model.revision()));
  lag_.Set(static_cast<double>(std::max<int64_t>(0, head - model.revision())));
  last_applied_.Set(absl::ToDoubleSeconds(at - absl::UnixEpoch()));
  scores_.Set(static_cast<double>(model.scores().size()));
  CountSubjects(model);
  computations_.Of(TriggerOf(publication)).Increment(publication.computed_series);
  compute_seconds_.Of(TriggerOf(publication)).Observe(absl::ToDoubleSeconds(publication.took));
}

void RiskMetrics::Audit(const risk::Audit& audit) {
  recomputed_.Increment(static_cast<double>(audit.scores));
  mismatches_.Increment(static_cast<double>(audit.mismatches.size()));
}

void RiskMetrics::CountSubjects(const Model& model) {
  std::array<int, kBands.size()> counts = {};
  Bands bands;
  for (const auto& [key, score] : model.scores()) {
    if (score->bottleneck) {
      const auto band = static_cast<size_t>(score->band);
      ++counts[band];
      bands[absl::StrCat(static_cast<int>(key.method), " ", key.importer, " ", key.subject)] = band;
    }
  }
  for (size_t band = 0; band < kBands.size(); ++band) {
    subjects_.Of(kBands[band]).Set(counts[band]);
  }
  CountBandChanges(std::exchange(bands_, bands), bands);
}

// One that is new, or gone, has changed no band.
void RiskMetrics::CountBandChanges(const Bands& before, const Bands& after) {
  for (const auto& [subject, band] : after) {
    const auto was = before.find(subject);
    if (was != before.end() && was->second != band) {
      band_changes_[was->second].Of(kBands[band]).Increment();
    }
  }
}

}  // namespace orewatch::risk
