#include "services/alerting/domain/score.h"

#include <algorithm>

#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

// A score that changes more often within a window is compared with the oldest state that is left.
constexpr size_t kMaxPastStates = 1000;

// Of the states at or before the beginning of the window the last one stands there; older ones are of no use.
void Forget(int64_t begin, ScoreValue& score) {
  std::vector<PastState>& past = score.past;
  size_t useless = past.size() > kMaxPastStates ? past.size() - kMaxPastStates : 0;
  while (useless < past.size() && (useless + 1 < past.size() ? past[useless + 1].since : score.since) <= begin) {
    ++useless;
  }
  past.erase(past.begin(), past.begin() + static_cast<std::ptrdiff_t>(useless));
}

}  // namespace

ScoreState ScoreValue::StateAt(int64_t tick) const {
  if (past.empty() || since <= tick) {
    return State();
  }
  const auto next = std::upper_bound(past.begin(), past.end(), tick,
                                     [](int64_t at, const PastState& state) { return at < state.since; });
  return next == past.begin() ? past.front().state : std::prev(next)->state;
}

void Succeed(const ScoreValue* stored, absl::Time time, int64_t window, ScoreValue& score) {
  score.since = TickFrom(time);
  score.first_seen = absl::ToUnixNanos(time);
  if (stored == nullptr) {
    return;
  }
  score.first_seen = stored->first_seen;
  score.past = stored->past;
  // What risk no longer knows about a score that has not moved is still known here.
  if (score.cause == 0 && score.State() == stored->State()) {
    score.cause = stored->cause;
  }
  if (score.State() == stored->State()) {
    score.since = stored->since;
    return;
  }
  score.since = std::max(score.since, stored->since);
  // A state that gave way before its first tick never stood at one.
  if (window > 0 && score.since > stored->since) {
    score.past.push_back({.since = stored->since, .state = stored->State()});
  }
  if (window == 0) {
    score.past.clear();
  }
  Forget(score.since - window, score);
}

}  // namespace orewatch::alerting
