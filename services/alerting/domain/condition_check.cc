#include "services/alerting/domain/condition_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/domain/target_check.h"

namespace orewatch::alerting {
namespace {

constexpr absl::Duration kMaxWindow = absl::Hours(24 * 366);
// Numbers of orewatch.type.v1.Completeness.State.
constexpr int kComplete = 1;
constexpr int kIncomplete = 2;
// Number of orewatch.risk.v1.BAND_SEVERE.
constexpr int kWorstBand = 5;
constexpr size_t kMaxParts = 8;
constexpr std::array kCollections{"countries", "facilities", "links",    "minerals",
                                  "projects",  "stockpiles", "suppliers"};

void CheckWindow(absl::string_view field, absl::Duration window, std::vector<Violation>& violations) {
  if (window < kTick || window > kMaxWindow) {
    violations.push_back({std::string(field), absl::StrCat("must be between ", absl::FormatDuration(kTick), " and ",
                                                           absl::FormatDuration(kMaxWindow))});
  }
}

// `prefix` ends with a dot.
void CheckBounds(absl::string_view prefix, const Bounds& bounds, const char* order,
                 std::vector<Violation>& violations) {
  const bool raise_finite = std::isfinite(bounds.raise);
  const bool clear_finite = std::isfinite(bounds.clear);
  if (!raise_finite) {
    violations.push_back({absl::StrCat(prefix, "raise"), "must be a finite number"});
  }
  if (!clear_finite) {
    violations.push_back({absl::StrCat(prefix, "clear"), "must be a finite number"});
  }
  if (raise_finite && clear_finite && bounds.clear > bounds.raise) {
    violations.push_back({absl::StrCat(prefix, "clear"), order});
  }
}

const char* OrderOf(const Condition& condition) {
  const auto* threshold = std::get_if<Threshold>(&condition);
  return threshold != nullptr && threshold->direction == Direction::kDown ? "must be at least raise"
                                                                          : "must be at most raise";
}

void Check(const Threshold& threshold, std::vector<Violation>& violations) {
  if (threshold.direction == Direction::kEither) {
    violations.push_back({"threshold.direction", "must be up or down"});
  }
  CheckBounds("threshold.", BoundsOf(threshold), OrderOf(threshold), violations);
}

void Check(const Change& change, std::vector<Violation>& violations) {
  CheckBounds("change.", BoundsOf(change), OrderOf(change), violations);
  // A size of 0 would be met by what stands still.
  if (!(change.raise > 0)) {
    violations.push_back({"change.raise", "must be above 0"});
  }
  if (!(change.clear > 0)) {
    violations.push_back({"change.clear", "must be above 0"});
  }
  CheckWindow("change.window", change.window, violations);
}

void Check(const BandChange& change, std::vector<Violation>& violations) {
  CheckWindow("band_change.window", change.window, violations);
  if (change.at_least < 0 || change.at_least > kWorstBand) {
    violations.push_back({"band_change.at_least", "must be a band"});
  }
}

void Check(const MissingInput& missing, std::vector<Violation>& violations) {
  if (missing.worse_than != kComplete && missing.worse_than != kIncomplete) {
    violations.push_back({"missing_input.worse_than", "must be STATE_COMPLETE or STATE_INCOMPLETE"});
  }
}

void Check(const SilentInput& silent, std::vector<Violation>& violations) {
  CheckWindow("silent_input.longer_than", silent.longer_than, violations);
}

absl::string_view CollectionOf(int method) { return method == kCountryGovernance ? "countries" : "minerals"; }

void CheckPart(const Combination& combination, const Part& part, std::vector<Violation>& violations) {
  std::visit([&](const auto& it) { Check(it, violations); }, part.condition);
  if (std::holds_alternative<Happening>(part.condition)) {
    if (part.target != ScoreKey()) {
      violations.push_back({"target", "must be unset: a happening is about no score"});
    }
    return;
  }
  CheckTarget(part.target, violations);
  if (!part.target.subject.empty()) {
    violations.push_back({"target.subject", "must be unset: it is that of the alert"});
  }
  if (part.target.method != 0 && combination.collection != CollectionOf(part.target.method)) {
    violations.push_back({"target.method", absl::StrCat("has scores of ", CollectionOf(part.target.method),
                                                        " alone, not of what the combination is about")});
  }
}

void Check(const Combination& combination, std::vector<Violation>& violations) {
  if (combination.parts.size() < 2 || combination.parts.size() > kMaxParts) {
    violations.push_back({"combination.parts", absl::StrCat("must be between 2 and ", kMaxParts)});
    return;
  }
  if (std::find(kCollections.begin(), kCollections.end(), combination.collection) == kCollections.end()) {
    violations.push_back({"combination.subjects", absl::StrCat("must be one of ", absl::StrJoin(kCollections, ", "))});
    return;
  }
  for (size_t i = 0; i < combination.parts.size(); ++i) {
    std::vector<Violation> found;
    CheckPart(combination, combination.parts[i], found);
    for (const Violation& violation : found) {
      violations.push_back({absl::StrCat("combination.parts[", i, "].", violation.field), violation.description});
    }
  }
}

void CheckLevels(const Condition& condition, Severity severity, const std::vector<Level>& levels,
                 std::vector<Violation>& violations) {
  if (!levels.empty() && !HasLevels(condition)) {
    violations.push_back({"levels", "need a condition with thresholds: threshold or change"});
    return;
  }
  Level below{.severity = severity};
  Bounds bounds = BoundsOf(condition);
  for (size_t i = 0; i < levels.size(); ++i) {
    const std::string prefix = absl::StrCat("levels[", i, "].");
    const Bounds own = BoundsOf(condition, levels[i]);
    CheckBounds(prefix, own, OrderOf(condition), violations);
    if (levels[i].severity <= below.severity) {
      violations.push_back({absl::StrCat(prefix, "severity"), "must be worse than the level below it"});
    }
    if (!(own.raise > bounds.raise) || own.clear < bounds.clear) {
      violations.push_back(
          {absl::StrCat(prefix, "raise"), "must lie beyond the level below it, and clear not short of it"});
    }
    below = levels[i];
    bounds = own;
  }
}

}  // namespace

void CheckCondition(const Condition& condition, Severity severity, const std::vector<Level>& levels,
                    std::vector<Violation>& violations) {
  std::visit([&](const auto& it) { Check(it, violations); }, condition);
  CheckLevels(condition, severity, levels, violations);
}

}  // namespace orewatch::alerting
