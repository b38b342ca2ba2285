#include "services/alerting/domain/state_machine.h"

#include <bit>

#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

constexpr int64_t kBits = 64;

bool Met(const Finding& finding) { return finding.verdict == Verdict::kMet; }
bool Cleared(const Finding& finding) { return finding.verdict == Verdict::kCleared; }
bool Unknown(const Finding& finding) { return finding.verdict == Verdict::kUnknown; }
bool FailsToRaise(const Finding& finding) { return Cleared(finding) || finding.verdict == Verdict::kBetween; }

Reason ReasonOf(const Finding& finding, Reason reason) { return finding.by_policy ? Reason::kNoData : reason; }

std::optional<Reason> Become(AlertState state, Reason reason, Alert& alert) {
  alert.state = state;
  alert.held_back = false;
  if (!alert.Live()) {
    alert.met_ticks = 0;
  }
  alert.clear_start = 0;
  alert.clear_end = 0;
  return reason;
}

// The window begins at `first_tick`, of which `seen` says whether it has been looked at.
std::optional<Reason> BecomePending(const Finding& finding, int64_t first_tick, bool seen, Alert& alert) {
  alert.window_start = first_tick;
  alert.window_end = seen ? first_tick : first_tick - 1;
  alert.met_ticks = seen ? 1 : 0;
  return Become(AlertState::kPending, ReasonOf(finding, Reason::kConditionMet), alert);
}

std::optional<Reason> Resolve(const Finding& finding, Alert& alert) {
  return Become(AlertState::kResolved, ReasonOf(finding, Reason::kConditionCleared), alert);
}

std::optional<Reason> Abandon(const Finding& finding, Alert& alert) {
  return Become(AlertState::kInactive, ReasonOf(finding, Reason::kConditionCleared), alert);
}

// An alert that is not firing, under a rule without a duration.
std::optional<Reason> RaiseAtOnce(const Finding& finding, Alert& alert) {
  const bool pending = alert.state == AlertState::kPending;
  if (pending ? Met(finding) : Begins(finding)) {
    return Become(AlertState::kFiring, ReasonOf(finding, Reason::kConditionMet), alert);
  }
  // It waits for room, or is left over from when the rule asked for a duration.
  return pending && FailsToRaise(finding) ? Abandon(finding, alert) : std::nullopt;
}

// Bits of `n` ticks of which the last `passed` were all met, or all not.
uint64_t Shift(uint64_t bits, int64_t passed, bool met, int n) {
  const uint64_t window = (uint64_t{1} << n) - 1;
  const uint64_t recent = passed >= kBits ? ~uint64_t{0} : (uint64_t{1} << passed) - 1;
  const uint64_t before = passed >= kBits ? 0 : bits << passed;
  return (met ? before | recent : before) & window;
}

std::optional<Reason> CountMet(const Rule& rule, const Finding& finding, int64_t passed, Alert& alert) {
  if (Unknown(finding)) {
    return std::nullopt;
  }
  const bool met = alert.met_ticks == 0 ? Begins(finding) : Met(finding);
  alert.met_ticks = Shift(alert.met_ticks, passed, met, rule.m_of_n.n);
  if (alert.met_ticks == 0) {
    return Abandon(finding, alert);
  }
  return std::popcount(alert.met_ticks) >= rule.m_of_n.m
             ? Become(AlertState::kFiring, ReasonOf(finding, Reason::kHeld), alert)
             : std::nullopt;
}

std::optional<Reason> CountHeld(const Rule& rule, const Finding& finding, int64_t passed, int64_t tick, Alert& alert) {
  if (Unknown(finding)) {
    alert.window_start += passed;
    return std::nullopt;
  }
  // Nothing has been counted yet: what made it pending between two ticks may have been followed by another cause.
  const bool first = tick - passed < alert.window_start;
  if (FailsToRaise(finding) || (first && !Begins(finding))) {
    return Abandon(finding, alert);
  }
  return tick - alert.window_start >= rule.HoldTicks()
             ? Become(AlertState::kFiring, ReasonOf(finding, Reason::kHeld), alert)
             : std::nullopt;
}

std::optional<Reason> CountTick(const Rule& rule, const Finding& finding, int64_t tick, Alert& alert) {
  if (tick <= alert.window_end) {
    return std::nullopt;
  }
  const int64_t passed = tick - alert.window_end;
  alert.window_end = tick;
  alert.held_back = alert.held_back && Unknown(finding);
  return rule.m_of_n.m > 0 ? CountMet(rule, finding, passed, alert) : CountHeld(rule, finding, passed, tick, alert);
}

// A rule that keeps its alerts firing resolves on the grid.
void ClearAtRevision(const Finding& finding, absl::Time now, Alert& alert) {
  if (Cleared(finding) && alert.clear_start == 0) {
    alert.clear_start = TickFrom(now);
    alert.clear_end = alert.clear_start - 1;
  }
}

std::optional<Reason> ClearAtTick(const Rule& rule, const Finding& finding, int64_t tick, Alert& alert) {
  if (alert.clear_start != 0 && tick <= alert.clear_end) {
    return std::nullopt;
  }
  if (Unknown(finding)) {
    if (alert.clear_start != 0) {
      alert.clear_start += tick - alert.clear_end;
      alert.clear_end = tick;
    }
    return std::nullopt;
  }
  if (!Cleared(finding)) {
    alert.clear_start = 0;
    alert.clear_end = 0;
    return std::nullopt;
  }
  if (alert.clear_start == 0) {
    alert.clear_start = tick;
  }
  alert.clear_end = tick;
  return tick - alert.clear_start >= rule.KeepFiringTicks() ? Resolve(finding, alert) : std::nullopt;
}

}  // namespace

// The cause decides over what begins alone.
bool Begins(const Finding& finding) { return Met(finding) && finding.counts; }

std::optional<Reason> AtRevision(const Rule& rule, const Finding& finding, absl::Time now, Alert& alert) {
  if (alert.state == AlertState::kFiring) {
    if (rule.KeepFiringTicks() > 0) {
      ClearAtRevision(finding, now, alert);
      return std::nullopt;
    }
    return !rule.Waits() && Cleared(finding) ? Resolve(finding, alert) : std::nullopt;
  }
  if (!rule.Waits()) {
    return RaiseAtOnce(finding, alert);
  }
  return !alert.Live() && Begins(finding) ? BecomePending(finding, TickFrom(now), /*seen=*/false, alert) : std::nullopt;
}

std::optional<Reason> AtTick(const Rule& rule, const Finding& finding, int64_t tick, Alert& alert) {
  if (alert.state == AlertState::kFiring) {
    if (rule.KeepFiringTicks() > 0) {
      return ClearAtTick(rule, finding, tick, alert);
    }
    return Cleared(finding) ? Resolve(finding, alert) : std::nullopt;
  }
  if (!rule.Waits()) {
    return RaiseAtOnce(finding, alert);
  }
  if (alert.state == AlertState::kPending) {
    return CountTick(rule, finding, tick, alert);
  }
  if (!Begins(finding)) {
    return std::nullopt;
  }
  const bool at_once = rule.HoldTicks() == 0 && rule.m_of_n.m == 0;
  return at_once ? Become(AlertState::kFiring, ReasonOf(finding, Reason::kConditionMet), alert)
                 : BecomePending(finding, tick, /*seen=*/true, alert);
}

std::optional<Reason> AtRuleChange(const Rule& rule, const Finding& finding, absl::Time now, Alert& alert) {
  const bool unsustained = (alert.state == AlertState::kPending && FailsToRaise(finding)) ||
                           (alert.state == AlertState::kFiring && Cleared(finding));
  if (unsustained && End(alert)) {
    return ReasonOf(finding, Reason::kConditionCleared);
  }
  if (!Unknown(finding)) {
    alert.clear_start = 0;
    alert.clear_end = 0;
  }
  return AtRevision(rule, finding, now, alert);
}

void CountAnew(absl::Time now, Alert& alert) {
  alert.window_start = TickFrom(now);
  alert.window_end = alert.window_start - 1;
  alert.met_ticks = 0;
}

void HoldBack(Alert& alert) {
  alert.state = AlertState::kPending;
  alert.held_back = true;
}

void LetGo(Alert& alert) { Become(AlertState::kFiring, Reason::kHeld, alert); }

bool End(Alert& alert) {
  if (!alert.Live()) {
    return false;
  }
  Become(alert.state == AlertState::kFiring ? AlertState::kResolved : AlertState::kInactive, Reason::kConditionCleared,
         alert);
  return true;
}

}  // namespace orewatch::alerting
