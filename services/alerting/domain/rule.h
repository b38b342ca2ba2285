// Rules: which scores raise an alert, and when.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/alerting/domain/score.h"
#include "services/alerting/domain/visibility.h"

namespace orewatch::alerting {

// In the order of urgency; the numbers are those of orewatch.alerting.v1.Severity.
enum class Severity { kUnspecified = 0, kInfo = 1, kWarning = 2, kCritical = 3 };

// Which number of a score is held against the thresholds; the numbers are those of orewatch.alerting.v1.Measure.
enum class Measure { kValue = 1, kLowerBound = 2, kUpperBound = 3 };

struct Rule {
  std::string id;
  std::string display_name;
  // Empty fields match all; the method is required.
  ScoreKey target;
  // Raised at or above this value.
  double raise_threshold = 0;
  // Cleared below this value; between the two the state is kept.
  double clear_threshold = 0;
  // How long the condition must hold before the alert fires.
  absl::Duration hold = absl::ZeroDuration();
  Severity severity = Severity::kUnspecified;
  std::string reason;
  bool disabled = false;
  // Derived from the rest by EtagOf.
  std::string etag;
  Measure measured_by = Measure::kValue;
  Visibility visibility = {};

  // `hold` in ticks of the grid, rounded up; 0: the alert fires at once.
  int64_t HoldTicks() const;

  friend bool operator==(const Rule&, const Rule&) = default;
};

// A field, by the name that it has in the contract, and what is wrong with it.
struct Violation {
  std::string field;
  std::string description;
};

// `[a-z0-9][a-z0-9-]{0,62}`.
bool IsValidRuleId(absl::string_view id);

// Everything that is wrong with the fields of a rule except its id; empty if it may be stored.
std::vector<Violation> Check(const Rule& rule);

// Whether a rule that is not disabled speaks about a score.
bool Matches(const Rule& rule, const ScoreKey& key);

// The number of a score that the rule looks at; unset: the score has none, or the bound is not known.
std::optional<double> Measured(const Rule& rule, const ScoreValue& score);

// Changes with every change of the rule.
std::string EtagOf(const Rule& rule);

}  // namespace orewatch::alerting
