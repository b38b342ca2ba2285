#include "services/alerting/domain/rehearsal.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "services/alerting/domain/follow.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/domain/reconciler.h"

namespace orewatch::alerting {
namespace {

// The last look found nothing to judge: nothing is counted until another value comes.
bool StandsStill(const Rule& rule, const Alert& alert) {
  return !alert.error.empty() || (alert.missing_input && rule.no_data == NoDataPolicy::kKeep);
}

// Of each part that looks back.
std::set<int64_t> WindowsOf(const Condition& condition) {
  std::set<int64_t> windows = {WindowTicks(condition)};
  if (const auto* combination = std::get_if<Combination>(&condition); combination != nullptr) {
    for (const Part& part : combination->parts) {
      std::visit([&](const auto& it) { windows.insert(WindowTicks(it)); }, part.condition);
    }
  }
  windows.erase(0);
  return windows;
}

// Further ticks alike leave the bits as they are.
bool IsFull(const MOfN& m_of_n, uint64_t bits) { return bits == (uint64_t{1} << m_of_n.n) - 1; }

}  // namespace

Rehearsal::Rehearsal(const Rule& rule, std::function<void(const TimelineEntry&)> observe)
    : rule_(rule.id), windows_(WindowsOf(rule.condition)), observe_(std::move(observe)) {
  Reconciler(world_, absl::UnixEpoch()).PutRule(rule);
}

void Rehearsal::Take(const ScoreBatch& batch) {
  while (live_ && !AdvanceTo(batch.commit_time)) {
  }
  now_ = std::max(now_, batch.commit_time);
  Reconciler step(world_, now_);
  live_ = Follow(batch, live_, step) || live_;
  Keep(step.TakeChanges());
  // What is judged on the grid follows at the next tick.
  ExpectAt(world_.tick + 1);
}

bool Rehearsal::AdvanceTo(absl::Time time) {
  if (due_.empty() || *due_.begin() > TickAt(time)) {
    return true;
  }
  Reconciler step(world_, TimeOf(*due_.begin()));
  due_.erase(due_.begin());
  if (step.AdvanceGrid()) {
    Keep(step.TakeChanges());
  }
  return false;
}

void Rehearsal::Keep(const Changes& changes) {
  const Rule& rule = world_.rules.at(rule_);
  for (const TimelineEntry& entry : changes.transitions) {
    observe_(entry);
    // One state may give way to the next: m of n fires at a tick at which the condition has cleared, and then resolves.
    ExpectAt(world_.tick + 1);
  }
  for (const int64_t window : windows_) {
    for (const ScoreValue& score : changes.scores) {
      // What is found there must not be taken to have stood at the ticks before.
      ExpectAt(score.since + window - 1);
      ExpectAt(score.since + window);
    }
  }
  for (const Alert& alert : changes.alerts) {
    Expect(rule, alert);
  }
}

void Rehearsal::Expect(const Rule& rule, const Alert& alert) {
  if (alert.flapping) {
    for (const absl::Time flip : alert.flips) {
      ExpectAt(flip + rule.flapping.window);
    }
  }
  if (alert.quiet_until.has_value()) {
    ExpectAt(*alert.quiet_until);
  }
  if (StandsStill(rule, alert)) {
    return;
  }
  if (alert.state == AlertState::kPending) {
    if (rule.m_of_n.m == 0) {
      ExpectAt(alert.window_start + rule.HoldTicks());
    } else if (!IsFull(rule.m_of_n, alert.met_ticks)) {
      ExpectAt(world_.tick + 1);
    }
  }
  if (alert.state == AlertState::kFiring && alert.clear_start != 0) {
    ExpectAt(alert.clear_start + rule.KeepFiringTicks());
  }
}

void Rehearsal::ExpectAt(int64_t tick) {
  if (tick > world_.tick) {
    due_.insert(tick);
  }
}

void Rehearsal::ExpectAt(absl::Time time) { ExpectAt(TickFrom(time)); }

std::optional<Firings> Rehearse(const Rule& rule, const PastScores& past, const Period& period, size_t most_listed,
                                const std::function<bool()>& goes_on) {
  FiringLog log(period, most_listed);
  Rehearsal rehearsal(rule, [&](const TimelineEntry& entry) { log.Note(entry); });
  const auto arrives_at = [&](absl::Time time) {
    bool on = goes_on();
    while (on && !rehearsal.AdvanceTo(time)) {
      on = goes_on();
    }
    return on;
  };
  for (size_t next = 0; next < past.records.size() && past.records[next].commit_time < period.end;) {
    const ScoreBatch batch = NextBatch(past, next);
    if (!arrives_at(batch.commit_time)) {
      return std::nullopt;
    }
    rehearsal.Take(batch);
  }
  return arrives_at(period.end) ? std::optional(log.Finish()) : std::nullopt;
}

}  // namespace orewatch::alerting
