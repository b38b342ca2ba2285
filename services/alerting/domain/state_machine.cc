#include "services/alerting/domain/state_machine.h"

#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

bool Raises(const Rule& rule, std::optional<double> value) {
  return value.has_value() && *value >= rule.raise_threshold;
}
bool FailsToRaise(const Rule& rule, std::optional<double> value) {
  return value.has_value() && *value < rule.raise_threshold;
}
bool Clears(const Rule& rule, std::optional<double> value) {
  return value.has_value() && *value < rule.clear_threshold;
}

std::optional<Reason> Become(AlertState state, Reason reason, Alert& alert) {
  alert.state = state;
  return reason;
}

// The window begins at `first_tick`, of which `seen` says whether it has been looked at.
std::optional<Reason> BecomePending(int64_t first_tick, bool seen, Alert& alert) {
  alert.window_start = first_tick;
  alert.window_end = seen ? first_tick : first_tick - 1;
  return Become(AlertState::kPending, Reason::kConditionMet, alert);
}

// A rule without a duration: no memory but the hysteresis.
std::optional<Reason> Immediately(const Rule& rule, std::optional<double> value, Alert& alert) {
  if (alert.state == AlertState::kFiring) {
    return Clears(rule, value) ? Become(AlertState::kResolved, Reason::kConditionCleared, alert) : std::nullopt;
  }
  if (Raises(rule, value)) {
    return Become(AlertState::kFiring, Reason::kConditionMet, alert);
  }
  // Left over from when the rule asked for a duration.
  if (alert.state == AlertState::kPending && FailsToRaise(rule, value)) {
    return Become(AlertState::kInactive, Reason::kConditionCleared, alert);
  }
  return std::nullopt;
}

std::optional<Reason> CountTick(const Rule& rule, std::optional<double> value, int64_t tick, Alert& alert) {
  if (tick <= alert.window_end) {
    return std::nullopt;
  }
  if (FailsToRaise(rule, value)) {
    return Become(AlertState::kInactive, Reason::kConditionCleared, alert);
  }
  const int64_t passed = tick - alert.window_end;
  alert.window_end = tick;
  if (!value.has_value()) {
    alert.window_start += passed;
    return std::nullopt;
  }
  if (tick - alert.window_start >= rule.HoldTicks()) {
    return Become(AlertState::kFiring, Reason::kHeld, alert);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Reason> AtRevision(const Rule& rule, std::optional<double> value, absl::Time now, Alert& alert) {
  if (rule.HoldTicks() == 0) {
    return Immediately(rule, value, alert);
  }
  if (!alert.Live() && Raises(rule, value)) {
    return BecomePending(TickFrom(now), /*seen=*/false, alert);
  }
  return std::nullopt;
}

std::optional<Reason> AtTick(const Rule& rule, std::optional<double> value, int64_t tick, Alert& alert) {
  if (rule.HoldTicks() == 0) {
    return Immediately(rule, value, alert);
  }
  switch (alert.state) {
    case AlertState::kPending:
      return CountTick(rule, value, tick, alert);
    case AlertState::kFiring:
      return Clears(rule, value) ? Become(AlertState::kResolved, Reason::kConditionCleared, alert) : std::nullopt;
    case AlertState::kInactive:
    case AlertState::kResolved:
      return Raises(rule, value) ? BecomePending(tick, /*seen=*/true, alert) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<Reason> AtRuleChange(const Rule& rule, std::optional<double> value, absl::Time now, Alert& alert) {
  const bool unsustained = (alert.state == AlertState::kPending && FailsToRaise(rule, value)) ||
                           (alert.state == AlertState::kFiring && Clears(rule, value));
  if (unsustained && End(alert)) {
    return Reason::kConditionCleared;
  }
  return AtRevision(rule, value, now, alert);
}

bool End(Alert& alert) {
  if (!alert.Live()) {
    return false;
  }
  alert.state = alert.state == AlertState::kFiring ? AlertState::kResolved : AlertState::kInactive;
  return true;
}

}  // namespace orewatch::alerting
