// Conditions: what a rule looks for in a score, as one number that is held against two thresholds.
//
// Every condition makes of a score a number of which more is worse, whichever way the score itself runs. Met: the
// number has reached `raise`; cleared: it is below `clear`; in between, what was is kept. A change is a level too: the
// value as it is against the value as it was a window ago, for as long as the two differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/happening.h"
#include "services/alerting/domain/score.h"
#include "services/alerting/domain/severity.h"

namespace orewatch::alerting {

// Which number of a score is held against the thresholds; the numbers are those of orewatch.alerting.v1.Measure.
enum class Measure { kValue = 1, kLowerBound = 2, kUpperBound = 3 };

// Which way is worse; the numbers are those of orewatch.alerting.v1.Direction.
enum class Direction { kUp = 1, kDown = 2, kEither = 3 };

// A value that is too high, or too low.
struct Threshold {
  double raise = 0;
  double clear = 0;
  Measure measured_by = Measure::kValue;
  // kUp or kDown.
  Direction direction = Direction::kUp;

  friend bool operator==(const Threshold&, const Threshold&) = default;
};

// A value that has moved by at least `raise` since a window ago; both thresholds are sizes, whatever the direction.
struct Change {
  double raise = 0;
  double clear = 0;
  absl::Duration window = absl::ZeroDuration();
  // As a share of what the value was.
  bool relative = false;
  Direction direction = Direction::kUp;
  Measure measured_by = Measure::kValue;

  friend bool operator==(const Change&, const Change&) = default;
};

// Another band than a window ago.
struct BandChange {
  absl::Duration window = absl::ZeroDuration();
  Direction direction = Direction::kUp;
  // Number of orewatch.risk.v1.Band; only changes into this band or a worse one count. 0: all do.
  int at_least = 0;

  friend bool operator==(const BandChange&, const BandChange&) = default;
};

// A score of which less is known than a rule can bear.
struct MissingInput {
  // Number of orewatch.type.v1.Completeness.State that is still good enough.
  int worse_than = 0;

  friend bool operator==(const MissingInput&, const MissingInput&) = default;
};

// Nothing has come from risk, or from the registry, for a time: one alert for the rule, about no score.
struct SilentInput {
  absl::Duration longer_than = absl::ZeroDuration();

  friend bool operator==(const SilentInput&, const SilentInput&) = default;
};

// How many parts of a combination must be met; the numbers are those of orewatch.alerting.v1.Combination.Quantifier.
enum class Quantifier { kAll = 1, kAny = 2 };

// One condition of a combination.
struct Part {
  // Which scores of the subject: it is enough that one of them meets the condition. Of a happening: empty.
  ScoreKey target = {};
  std::variant<Threshold, Change, BandChange, MissingInput, Happening> condition = {};

  friend bool operator==(const Part&, const Part&) = default;
};

// Several conditions about the same subject, judged on the grid alone: what reaches alerting in two steps is one
// change.
struct Combination {
  Quantifier quantifier = Quantifier::kAll;
  // Of what its alerts are about, such as `minerals`.
  std::string collection = {};
  std::vector<Part> parts = {};

  friend bool operator==(const Combination&, const Combination&) = default;
};

using Condition = std::variant<Threshold, Change, BandChange, MissingInput, SilentInput, Happening, Combination>;

// Where a worse severity begins, on the scale of the condition.
struct Level {
  Severity severity = Severity::kUnspecified;
  double raise = 0;
  double clear = 0;

  friend bool operator==(const Level&, const Level&) = default;
};

inline bool IsSilence(const Condition& condition) { return std::holds_alternative<SilentInput>(condition); }
inline bool IsCombination(const Condition& condition) { return std::holds_alternative<Combination>(condition); }
inline bool IsHappening(const Condition& condition) { return std::holds_alternative<Happening>(condition); }
// It is held against one score at a time.
inline bool IsOfScores(const Condition& condition) {
  return !IsSilence(condition) && !IsCombination(condition) && !IsHappening(condition);
}
inline bool HasLevels(const Condition& condition) {
  return std::holds_alternative<Threshold>(condition) || std::holds_alternative<Change>(condition);
}

// It, or some part of it, is held against scores.
bool LooksAtScores(const Condition& condition);
// It, or those of its parts, that are about happenings.
std::vector<const Happening*> HappeningsOf(const Condition& condition);

// How far back a condition looks, in ticks; 0: it looks at what is.
int64_t WindowTicks(const Condition& condition);

// What a condition makes of a score.
struct Measurement {
  // More is worse. Unset: not known, or it cannot be computed.
  std::optional<double> number = std::nullopt;
  // Why it cannot be computed although everything is known; null: it can.
  const char* error = nullptr;
};

// As of a tick, with the score as it is now. Of a condition that is not held against scores: nothing.
Measurement TakeMeasure(const Condition& condition, const ScoreValue& score, int64_t tick);
// The same of a part that is held against scores.
Measurement TakeMeasure(const Part& part, const ScoreValue& score, int64_t tick);

// Two thresholds on the scale of a Measurement.
struct Bounds {
  double raise = 0;
  double clear = 0;
};
Bounds BoundsOf(const Condition& condition);
Bounds BoundsOf(const Part& part);
Bounds BoundsOf(const Condition& condition, const Level& level);

// What becomes of a combination as a number: how far its parts are met.
inline constexpr double kPartMet = 1;
inline constexpr double kPartBetween = 0.5;
inline constexpr double kPartCleared = 0;

}  // namespace orewatch::alerting
