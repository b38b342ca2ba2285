#include "services/alerting/engine/alert_metrics.h"

#include <array>
#include <string>

#include "common/status/status.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/engine/suppression.h"
#include "services/alerting/store/alert_store.h"

namespace orewatch::alerting {
namespace {

prometheus::Histogram::BucketBoundaries EvaluationBuckets() { return {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5}; }

constexpr std::array kStates = {AlertState::kInactive, AlertState::kPending, AlertState::kFiring,
                                AlertState::kResolved};

size_t IndexOf(AlertState state) { return static_cast<size_t>(state) - static_cast<size_t>(AlertState::kInactive); }

const char* FailureOf(const absl::Status& status) {
  const std::string reason = ErrorReason(status);
  if (reason == ErrorReason(LeaseLost())) {
    return "lease_lost";
  }
  if (reason == ErrorReason(StaleState())) {
    return "conflict";
  }
  if (reason == "STORAGE_FULL") {
    return "storage_full";
  }
  const bool storage = absl::IsUnavailable(status) || absl::IsDataLoss(status);
  return storage ? "storage" : "other";
}

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
    : rules_(metrics::AddGauges(registry, "orewatch_alerting_rules", "Rules, by state.", "state",
                                {"enabled", "disabled"})),
      flapping_(metrics::AddGauge(registry, "orewatch_alerting_flapping", "Alerts that change too often to be told.")),
      suppressed_(metrics::AddCounters(registry, "orewatch_alerting_suppressed_total",
                                       "What nobody was told of an alert, by what kept it quiet.", "reason",
                                       {kSuppressions.begin(), kSuppressions.end()})),
      evaluations_(metrics::AddCounter(registry, "orewatch_alerting_evaluations_total",
                                       "Evaluations of the rules: applied revisions, ticks of the grid and changed "
                                       "rules.")),
      failures_(metrics::AddCounters(registry, "orewatch_alerting_evaluation_failures_total",
                                     "Evaluations that came to nothing, by reason.", "reason",
                                     {"lease_lost", "conflict", "storage_full", "storage", "other"})),
      missed_(metrics::AddCounter(registry, "orewatch_alerting_missed_evaluations_total",
                                  "Ticks of the grid that passed without an evaluation under the lease.")),
      evaluation_seconds_(metrics::AddHistogram(registry, "orewatch_alerting_evaluation_seconds",
                                                "Duration of one evaluation, its commit included.",
                                                EvaluationBuckets())),
      last_evaluation_(metrics::AddGauge(registry, "orewatch_alerting_last_evaluation_timestamp_seconds",
                                         "Unix time of the last evaluation.")),
      applied_revision_(metrics::AddGauge(registry, "orewatch_alerting_applied_revision",
                                          "Registry revision up to which scores have been evaluated.")),
      dropped_(metrics::AddCounters(registry, "orewatch_alerting_dropped_total",
                                    "What was dropped because nobody has needed it for long.", "what",
                                    {"delivery", "dead_letter", "event"})),
      notify_(registry),
      replica_(registry) {
  auto& alerts = metrics::AddGauges(registry, "orewatch_alerting_alerts", "Alerts, by state and severity.");
  auto& transitions = metrics::AddCounters(registry, "orewatch_alerting_transitions_total",
                                           "Changes of alert state, by the states left and entered.");
  for (const AlertState state : kStates) {
    const std::string name = StateName(state);
    alerts_.emplace_back(alerts, "severity", std::vector<std::string>{"info", "warning", "critical"},
                         prometheus::Labels{{"state", name}});
    std::vector<std::string> others;
    for (const AlertState to : kStates) {
      if (to != state) {
        others.emplace_back(StateName(to));
      }
    }
    transitions_.emplace_back(transitions, "to", others, prometheus::Labels{{"from", name}});
  }
  metrics::AddGauge(registry, "orewatch_alerting_evaluation_interval_seconds", "Between two ticks of the grid.")
      .Set(absl::ToDoubleSeconds(kTick));
}

void AlertMetrics::SetRules(int64_t enabled, int64_t disabled) {
  rules_.Of("enabled").Set(static_cast<double>(enabled));
  rules_.Of("disabled").Set(static_cast<double>(disabled));
}

void AlertMetrics::SetAppliedRevision(int64_t revision) { applied_revision_.Set(static_cast<double>(revision)); }

void AlertMetrics::SetAlerts(AlertState state, Severity severity, int64_t count) {
  alerts_[IndexOf(state)].Of(SeverityName(severity)).Set(static_cast<double>(count));
}

void AlertMetrics::CountEntry(const TimelineEntry& entry) {
  if (entry.ChangesState()) {
    transitions_[IndexOf(entry.from)].Of(StateName(entry.after.state)).Increment();
  }
  if (const char* suppression = SuppressionOf(entry); suppression != nullptr) {
    suppressed_.Of(suppression).Increment();
  }
}

void AlertMetrics::CountEvaluation(absl::Time at, absl::Duration took) {
  evaluations_.Increment();
  evaluation_seconds_.Observe(absl::ToDoubleSeconds(took));
  last_evaluation_.Set(absl::ToDoubleSeconds(at - absl::UnixEpoch()));
}

void AlertMetrics::CountFailure(const absl::Status& status) { failures_.Of(FailureOf(status)).Increment(); }

}  // namespace orewatch::alerting
