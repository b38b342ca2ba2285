#include "services/alerting/domain/condition.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

constexpr absl::Duration kMaxWindow = absl::Hours(24 * 366);
// Numbers of orewatch.type.v1.Completeness.State.
constexpr int kComplete = 1;
constexpr int kIncomplete = 2;
// Number of orewatch.risk.v1.BAND_SEVERE.
constexpr int kWorstBand = 5;

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

double Oriented(Direction direction, double number) {
  switch (direction) {
    case Direction::kUp:
      return number;
    case Direction::kDown:
      return -number;
    case Direction::kEither:
      return std::abs(number);
  }
  return number;
}

std::optional<double> NumberOf(Measure measure, const ScoreState& state) {
  switch (measure) {
    case Measure::kValue:
      return state.value;
    case Measure::kLowerBound:
      return state.lower;
    case Measure::kUpperBound:
      return state.upper;
  }
  return std::nullopt;
}

Measurement Of(const Threshold& threshold, const ScoreValue& score, int64_t) {
  const std::optional<double> number = NumberOf(threshold.measured_by, score.State());
  return {.number = number.has_value() ? std::optional(Oriented(threshold.direction, *number)) : std::nullopt};
}

Measurement Of(const Change& change, const ScoreValue& score, int64_t tick) {
  const std::optional<double> is = NumberOf(change.measured_by, score.State());
  const std::optional<double> was = NumberOf(change.measured_by, score.StateAt(tick - TicksOf(change.window)));
  if (!is.has_value() || !was.has_value()) {
    return {};
  }
  double difference = *is - *was;
  if (change.relative && difference != 0) {
    if (*was == 0) {
      return {.error = "the value was 0 a window ago, of which nothing is a share"};
    }
    difference /= std::abs(*was);
  }
  return std::isfinite(difference) ? Measurement{.number = Oriented(change.direction, difference)}
                                   : Measurement{.error = "the change is too large for a number"};
}

Measurement Of(const BandChange& change, const ScoreValue& score, int64_t tick) {
  const int is = score.band;
  const int was = score.StateAt(tick - TicksOf(change.window)).band;
  if (is == 0 || was == 0) {
    return {};
  }
  return {.number = is < change.at_least ? 0 : Oriented(change.direction, is - was)};
}

Measurement Of(const MissingInput& missing, const ScoreValue& score, int64_t) {
  return {.number = score.certainty.completeness > missing.worse_than ? 1 : 0};
}

Measurement Of(const SilentInput&, const ScoreValue&, int64_t) { return {}; }

Bounds Oriented(Direction direction, Bounds bounds) {
  return direction == Direction::kDown ? Bounds{-bounds.raise, -bounds.clear} : bounds;
}

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

int64_t WindowTicks(const Condition& condition) {
  return std::visit(Overloaded{[](const Change& change) { return TicksOf(change.window); },
                               [](const BandChange& change) { return TicksOf(change.window); },
                               [](const auto&) { return int64_t{0}; }},
                    condition);
}

Measurement TakeMeasure(const Condition& condition, const ScoreValue& score, int64_t tick) {
  return std::visit([&](const auto& it) { return Of(it, score, tick); }, condition);
}

Bounds BoundsOf(const Condition& condition) {
  return std::visit(Overloaded{[](const Threshold& it) {
                                 return Oriented(it.direction, Bounds{it.raise, it.clear});
                               },
                               [](const Change& it) {
                                 return Bounds{it.raise, it.clear};
                               },
                               [](const auto&) {
                                 return Bounds{1, 1};
                               }},
                    condition);
}

Bounds BoundsOf(const Condition& condition, const Level& level) {
  const auto* threshold = std::get_if<Threshold>(&condition);
  return Oriented(threshold != nullptr ? threshold->direction : Direction::kUp, Bounds{level.raise, level.clear});
}

void CheckCondition(const Condition& condition, Severity severity, const std::vector<Level>& levels,
                    std::vector<Violation>& violations) {
  std::visit([&](const auto& it) { Check(it, violations); }, condition);
  CheckLevels(condition, severity, levels, violations);
}

}  // namespace orewatch::alerting
