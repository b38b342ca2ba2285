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

// The revisions of a past before a time, in order. Both histories are those of one registry.
class Merge {
 public:
  Merge(const Past& past, absl::Time end) : past_(past), end_(end) {}

  std::optional<std::variant<ScoreBatch, FactBatch>> Next() {
    const auto& records = past_.scores.records;
    const auto& batches = past_.facts.batches;
    const bool scores = next_score_ < records.size() && records[next_score_].commit_time < end_;
    const bool facts = next_fact_ < batches.size() && batches[next_fact_].commit_time < end_;
    if (facts && (!scores || batches[next_fact_].position.revision.number <= records[next_score_].revision)) {
      return batches[next_fact_++];
    }
    return scores ? std::optional(NextBatch(past_.scores, next_score_)) : std::nullopt;
  }

 private:
  const Past& past_;
  const absl::Time end_;
  size_t next_score_ = 0;
  size_t next_fact_ = 0;
};

}  // namespace

Rehearsal::Rehearsal(const Rule& rule, std::function<void(const TimelineEntry&)> observe)
    : rule_(rule.id), windows_(WindowsOf(rule.condition)), observe_(std::move(observe)) {
  Reconciler(world_, absl::UnixEpoch()).PutRule(rule);
}

void Rehearsal::Take(const ScoreBatch& batch) { TakeNext(batch); }
void Rehearsal::Take(const FactBatch& batch) { TakeNext(batch); }

template <typename Batch>
void Rehearsal::TakeNext(const Batch& batch) {
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
  for (const Fact& fact : changes.facts) {
    Expect(rule, fact);
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

void Rehearsal::Expect(const Rule& rule, const Fact& fact) {
  for (const Happening* happening : HappeningsOf(rule.condition)) {
    for (const absl::Time turn : TurnsOf(*happening, fact)) {
      if (turn != absl::InfiniteFuture()) {
        // What is found there must not be taken to have stood at the ticks before.
        ExpectAt(TickFrom(turn) - 1);
        ExpectAt(TickFrom(turn));
      }
    }
  }
}

void Rehearsal::ExpectAt(int64_t tick) {
  if (tick > world_.tick) {
    due_.insert(tick);
  }
}

void Rehearsal::ExpectAt(absl::Time time) { ExpectAt(TickFrom(time)); }

std::optional<Firings> Rehearse(const Rule& rule, const Past& past, const Period& period, size_t most_listed,
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
  const auto takes = [&](const auto& batch) {
    const bool on = arrives_at(batch.commit_time);
    if (on) {
      rehearsal.Take(batch);
    }
    return on;
  };
  Merge merge(past, period.end);
  while (const auto next = merge.Next()) {
    if (!std::visit(takes, *next)) {
      return std::nullopt;
    }
  }
  return arrives_at(period.end) ? std::optional(log.Finish()) : std::nullopt;
}

}  // namespace orewatch::alerting
