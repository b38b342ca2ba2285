#include "services/alerting/engine/alert_metrics.h"

namespace orewatch::alerting {
namespace {

prometheus::Histogram::BucketBoundaries EvaluationBuckets() { return {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5}; }

}  // namespace

const char* StateName(AlertState state) {
  switch (state) {
    case AlertState::kInactive:
      return "inactive";
    case AlertState::kPending:
      return "pending";
    case AlertState::kFiring:
      return "firing";
    case AlertState::kResolved:
      return "resolved";
  }
  return "unknown";
}

const char* SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kUnspecified:
      return "unspecified";
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kCritical:
      return "critical";
  }
  return "unknown";
}

AlertMetrics::AlertMetrics(prometheus::Registry& registry)
    : rules_(prometheus::BuildGauge().Name("orewatch_alerting_rules").Help("Rules, by state.").Register(registry)),
      alerts_(prometheus::BuildGauge()
                  .Name("orewatch_alerting_alerts")
                  .Help("Alerts, by state and severity.")
                  .Register(registry)),
      transitions_(prometheus::BuildCounter()
                       .Name("orewatch_alerting_transitions_total")
                       .Help("Changes of alert state, by the states left and entered.")
                       .Register(registry)),
      evaluations_(prometheus::BuildCounter()
                       .Name("orewatch_alerting_evaluations_total")
                       .Help("Evaluations of the rules: applied revisions, ticks of the grid and changed rules.")
                       .Register(registry)
                       .Add({})),
      evaluation_seconds_(prometheus::BuildHistogram()
                              .Name("orewatch_alerting_evaluation_seconds")
                              .Help("Duration of one evaluation, its commit included.")
                              .Register(registry)
                              .Add({}, EvaluationBuckets())),
      last_evaluation_(prometheus::BuildGauge()
                           .Name("orewatch_alerting_last_evaluation_timestamp_seconds")
                           .Help("Unix time of the last evaluation.")
                           .Register(registry)
                           .Add({})),
      applied_revision_(prometheus::BuildGauge()
                            .Name("orewatch_alerting_applied_revision")
                            .Help("Registry revision up to which scores have been evaluated.")
                            .Register(registry)
                            .Add({})),
      replica_(registry) {
  const auto states = {AlertState::kInactive, AlertState::kPending, AlertState::kFiring, AlertState::kResolved};
  for (const AlertState from : states) {
    for (const AlertState to : states) {
      if (from != to) {
        transitions_.Add({{"from", StateName(from)}, {"to", StateName(to)}});
      }
    }
  }
}

void AlertMetrics::SetRules(int64_t enabled, int64_t disabled) {
  rules_.Add({{"state", "enabled"}}).Set(static_cast<double>(enabled));
  rules_.Add({{"state", "disabled"}}).Set(static_cast<double>(disabled));
}

void AlertMetrics::SetAppliedRevision(int64_t revision) { applied_revision_.Set(static_cast<double>(revision)); }

void AlertMetrics::SetAlerts(AlertState state, Severity severity, int64_t count) {
  alerts_.Add({{"state", StateName(state)}, {"severity", SeverityName(severity)}}).Set(static_cast<double>(count));
}

void AlertMetrics::CountTransition(AlertState from, AlertState to) {
  transitions_.Add({{"from", StateName(from)}, {"to", StateName(to)}}).Increment();
}

void AlertMetrics::CountEvaluation(absl::Time at, absl::Duration took) {
  evaluations_.Increment();
  evaluation_seconds_.Observe(absl::ToDoubleSeconds(took));
  last_evaluation_.Set(absl::ToDoubleSeconds(at - absl::UnixEpoch()));
}

}  // namespace orewatch::alerting
