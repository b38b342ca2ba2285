#include "services/alerting/domain/evaluation.h"

#include <algorithm>

namespace orewatch::alerting {

Verdict VerdictOf(const Bounds& bounds, const Measurement& measurement) {
  if (!measurement.number.has_value()) {
    return Verdict::kUnknown;
  }
  if (*measurement.number >= bounds.raise) {
    return Verdict::kMet;
  }
  return *measurement.number < bounds.clear ? Verdict::kCleared : Verdict::kBetween;
}

Finding Judge(const Rule& rule, const Measurement& measurement) {
  Finding finding{.measurement = measurement};
  finding.verdict = VerdictOf(BoundsOf(rule.condition), finding.measurement);
  // What cannot be computed from data that are there is no missing datum.
  const bool missing = finding.verdict == Verdict::kUnknown && finding.measurement.error == nullptr;
  if (missing && rule.no_data != NoDataPolicy::kKeep) {
    finding.by_policy = true;
    finding.verdict = rule.no_data == NoDataPolicy::kFire ? Verdict::kMet : Verdict::kCleared;
  }
  return finding;
}

Finding Evaluate(const Rule& rule, const ScoreValue& score, int64_t tick) {
  Finding finding = Judge(rule, TakeMeasure(rule.condition, score, tick));
  finding.counts = rule.Counts(score.cause);
  return finding;
}

Severity SeverityOf(const Rule& rule, const Finding& finding, const Alert& before) {
  if (!finding.measurement.number.has_value()) {
    return before.Live() ? before.severity : rule.severity;
  }
  const double number = *finding.measurement.number;
  Severity severity = rule.severity;
  for (const Level& level : rule.levels) {
    const Bounds bounds = BoundsOf(rule.condition, level);
    const bool held = before.Live() && before.severity >= level.severity && number >= bounds.clear;
    if (number >= bounds.raise || held) {
      severity = level.severity;
    }
  }
  if (before.Live() && severity > before.severity && !finding.counts) {
    return std::max(rule.severity, before.severity);
  }
  return severity;
}

}  // namespace orewatch::alerting
