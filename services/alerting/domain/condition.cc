#include "services/alerting/domain/condition.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

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
Measurement Of(const Happening&, const ScoreValue&, int64_t) { return {}; }
Measurement Of(const Combination&, const ScoreValue&, int64_t) { return {}; }

template <typename It>
int64_t WindowOf(const It& condition) {
  if constexpr (std::is_same_v<It, Change> || std::is_same_v<It, BandChange>) {
    return TicksOf(condition.window);
  }
  return 0;
}

int64_t WindowOf(const Combination& combination) {
  int64_t window = 0;
  for (const Part& part : combination.parts) {
    window = std::max(window, std::visit([](const auto& it) { return WindowOf(it); }, part.condition));
  }
  return window;
}

Bounds Oriented(Direction direction, Bounds bounds) {
  return direction == Direction::kDown ? Bounds{-bounds.raise, -bounds.clear} : bounds;
}

Bounds OwnBounds(const Threshold& it) { return Oriented(it.direction, {it.raise, it.clear}); }
Bounds OwnBounds(const Change& it) { return {it.raise, it.clear}; }
// What lies between the two is neither met nor cleared.
Bounds OwnBounds(const Combination&) { return {kPartMet, kPartBetween}; }
template <typename It>
Bounds OwnBounds(const It&) {
  return {1, 1};
}

}  // namespace

std::vector<const Happening*> HappeningsOf(const Condition& condition) {
  std::vector<const Happening*> happenings;
  const auto add = [&](const Happening* happening) {
    if (happening != nullptr) {
      happenings.push_back(happening);
    }
  };
  add(std::get_if<Happening>(&condition));
  if (const auto* combination = std::get_if<Combination>(&condition); combination != nullptr) {
    for (const Part& part : combination->parts) {
      add(std::get_if<Happening>(&part.condition));
    }
  }
  return happenings;
}

bool LooksAtScores(const Condition& condition) {
  const auto* combination = std::get_if<Combination>(&condition);
  return combination != nullptr ? HappeningsOf(condition).size() < combination->parts.size() : IsOfScores(condition);
}

int64_t WindowTicks(const Condition& condition) {
  return std::visit([](const auto& it) { return WindowOf(it); }, condition);
}

Measurement TakeMeasure(const Condition& condition, const ScoreValue& score, int64_t tick) {
  return std::visit([&](const auto& it) { return Of(it, score, tick); }, condition);
}

Measurement TakeMeasure(const Part& part, const ScoreValue& score, int64_t tick) {
  return std::visit([&](const auto& it) { return Of(it, score, tick); }, part.condition);
}

Bounds BoundsOf(const Condition& condition) {
  return std::visit([](const auto& it) { return OwnBounds(it); }, condition);
}

Bounds BoundsOf(const Part& part) {
  return std::visit([](const auto& it) { return OwnBounds(it); }, part.condition);
}

Bounds BoundsOf(const Condition& condition, const Level& level) {
  const auto* threshold = std::get_if<Threshold>(&condition);
  return Oriented(threshold != nullptr ? threshold->direction : Direction::kUp, Bounds{level.raise, level.clear});
}

}  // namespace orewatch::alerting
