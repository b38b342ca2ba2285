// What a rule finds in a score: pure functions.
#pragma once

#include <cstdint>

#include "services/alerting/domain/alert.h"
#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

// kUnknown: there is nothing to judge, or it cannot be judged. The state is kept, and nothing is counted.
enum class Verdict { kMet, kBetween, kCleared, kUnknown };

struct Finding {
  Verdict verdict = Verdict::kUnknown;
  // The score's last change is one that may raise an alert or its severity. Nothing else depends on it: an alert is
  // never kept, and never ended, because of a cause.
  bool counts = true;
  // The verdict is that of the rule's policy on missing data.
  bool by_policy = false;
  Measurement measurement = {};
};

Verdict VerdictOf(const Bounds& bounds, const Measurement& measurement);

// What a rule makes of what its condition has measured.
Finding Judge(const Rule& rule, const Measurement& measurement);
// As of a tick, with the score as it is now.
Finding Evaluate(const Rule& rule, const ScoreValue& score, int64_t tick);

// The worst severity that the number has reached, or reached before and not left since. Of an alert that is not live:
// what it begins with.
Severity SeverityOf(const Rule& rule, const Finding& finding, const Alert& before);

}  // namespace orewatch::alerting
