#include "services/alerting/domain/reconciler.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "services/alerting/domain/grid.h"
#include "services/alerting/domain/state_machine.h"

namespace orewatch::alerting {
namespace {

// Keys of what a complete batch no longer holds.
std::vector<ScoreKey> Missing(const World& world, const ScoreBatch& batch) {
  std::set<ScoreKey> present;
  for (const ScoreValue& score : batch.scores) {
    present.insert(score.key);
  }
  std::vector<ScoreKey> missing;
  for (const auto& [key, score] : world.scores) {
    if (!present.contains(key)) {
      missing.push_back(key);
    }
  }
  return missing;
}

void SetTimes(absl::Time time, Alert& alert) {
  switch (alert.state) {
    case AlertState::kInactive:
      return;
    case AlertState::kPending:
      alert.pending_time = time;
      alert.fire_time.reset();
      alert.resolve_time.reset();
      return;
    case AlertState::kFiring:
      alert.fire_time = time;
      alert.resolve_time.reset();
      return;
    case AlertState::kResolved:
      alert.resolve_time = time;
      return;
  }
}

}  // namespace

Reconciler::Reconciler(World& world, absl::Time now) : world_(world), now_(now), time_(now) {}

bool Reconciler::ApplyScores(const ScoreBatch& batch) {
  if (batch.revision.lineage == world_.applied.lineage && batch.revision.number < world_.applied.number) {
    return false;
  }
  world_.applied = batch.revision;
  time_ = std::min(now_, batch.commit_time);
  for (const ScoreValue& score : batch.scores) {
    auto [stored, inserted] = world_.scores.try_emplace(score.key, score);
    if (inserted || stored->second != score) {
      stored->second = score;
      changes_.scores.push_back(score);
    }
    LookAtScore(score.key);
  }
  for (const ScoreKey& key : batch.complete ? Missing(world_, batch) : batch.removed) {
    if (world_.scores.erase(key) > 0) {
      changes_.removed_scores.push_back(key);
    }
    LookAtScore(key);
  }
  time_ = now_;
  return true;
}

bool Reconciler::AdvanceGridTo(absl::Time time) {
  const int64_t tick = TickAt(std::min(now_, time));
  if (tick <= world_.tick) {
    return false;
  }
  world_.tick = tick;
  time_ = TimeOf(tick);
  for (const auto& [id, rule] : world_.rules) {
    LookAtRule(rule, Look::kAtTick, std::nullopt);
  }
  time_ = now_;
  return true;
}

void Reconciler::PutRule(Rule rule) {
  const auto [stored, inserted] = world_.rules.insert_or_assign(rule.id, rule);
  ShowTo(rule.visibility, rule.id);
  const std::optional<Reason> because = inserted ? std::nullopt : std::optional(Reason::kRuleChanged);
  EndUnmatched(rule, rule.disabled ? Reason::kRuleDisabled : Reason::kRuleChanged);
  LookAtRule(stored->second, Look::kAtRuleChange, because);
  changes_.rules.push_back(std::move(rule));
}

void Reconciler::DeleteRule(const std::string& id) {
  const auto rule = world_.rules.find(id);
  rule->second.disabled = true;
  EndUnmatched(rule->second, Reason::kRuleDeleted);
  world_.rules.erase(rule);
  changes_.deleted_rules.push_back(id);
}

const Alert& Reconciler::ActOn(const AlertKey& key, const Action& action) {
  Alert& alert = world_.alerts.at(key);
  const AlertState from = alert.state;
  const Done done = Act(action, now_, alert);
  EndByLook(alert.severity, alert);
  TimelineEntry& entry = Record(from, done.reason, world_.applied.number, alert, done.kind);
  entry.principal = action.principal;
  entry.text = action.text;
  Touch(alert);
  return alert;
}

bool Reconciler::ExpireAttention() {
  const int64_t before = world_.sequence;
  time_ = TimeOf(TickAt(now_));
  for (auto& [key, alert] : world_.alerts) {
    if (IsMuted(alert)) {
      RecordEnded(EndByTime(time_, alert), alert);
    }
  }
  time_ = now_;
  return world_.sequence != before;
}

Changes Reconciler::TakeChanges() {
  for (const AlertKey& key : touched_) {
    changes_.alerts.push_back(world_.alerts.at(key));
  }
  changes_.applied = world_.applied;
  changes_.tick = world_.tick;
  return std::move(changes_);
}

void Reconciler::LookAtRule(const Rule& rule, Look look, std::optional<Reason> because) {
  // A rule without a duration has nothing to wait for.
  if (look == Look::kAtTick && rule.HoldTicks() == 0) {
    return;
  }
  for (const auto& [key, score] : world_.scores) {
    if (Matches(rule, key)) {
      LookAt(rule, key, &score, look, because);
    }
  }
}

void Reconciler::LookAtScore(const ScoreKey& key) {
  const auto score = world_.scores.find(key);
  for (const auto& [id, rule] : world_.rules) {
    if (Matches(rule, key)) {
      LookAt(rule, key, score == world_.scores.end() ? nullptr : &score->second, Look::kAtRevision, std::nullopt);
    }
  }
}

void Reconciler::LookAt(const Rule& rule, const ScoreKey& key, const ScoreValue* score, Look look,
                        std::optional<Reason> because) {
  const AlertKey alert_key{rule.id, key};
  const auto found = world_.alerts.find(alert_key);
  if (score == nullptr) {
    if (found != world_.alerts.end()) {
      EndAlert(found->second, Reason::kSubjectRemoved);
    }
    return;
  }
  const Alert before = found != world_.alerts.end() ? found->second : Alert{.key = alert_key};
  Alert alert = before;
  const std::optional<Reason> reason = Decide(rule, *score, look, alert);
  if (!reason.has_value() && found == world_.alerts.end()) {
    return;
  }
  alert.value = score->value;
  alert.certainty = score->certainty;
  alert.visibility = rule.visibility;
  // What has ended keeps the severity that it had.
  if (alert.Live()) {
    alert.severity = rule.severity;
  }
  const std::vector<Ended> ended = EndByLook(before.severity, alert);
  if (reason.has_value()) {
    Record(before.state, because.value_or(*reason), score->revision, alert);
  } else if (alert.Live() && alert.severity != before.severity) {
    Record(alert.state, because.value_or(Reason::kNone), score->revision, alert, EntryKind::kSeverityChanged);
  }
  RecordEnded(ended, alert);
  if (alert != before) {
    Touch(alert);
    world_.alerts.insert_or_assign(alert_key, std::move(alert));
  }
}

std::optional<Reason> Reconciler::Decide(const Rule& rule, const ScoreValue& score, Look look, Alert& alert) const {
  const std::optional<double> value = Measured(rule, score);
  if (HeldDown(rule, value, alert)) {
    return std::nullopt;
  }
  switch (look) {
    case Look::kAtRevision:
      return AtRevision(rule, value, time_, alert);
    case Look::kAtTick:
      return AtTick(rule, value, world_.tick, alert);
    case Look::kAtRuleChange:
      return AtRuleChange(rule, value, now_, alert);
  }
  return std::nullopt;
}

void Reconciler::EndUnmatched(const Rule& rule, Reason reason) {
  for (auto at = world_.alerts.lower_bound(AlertKey{rule.id, ScoreKey{}});
       at != world_.alerts.end() && at->first.rule == rule.id; ++at) {
    if (!Matches(rule, at->first.score)) {
      EndAlert(at->second, reason);
    }
  }
}

void Reconciler::ShowTo(const Visibility& visibility, const std::string& rule) {
  for (auto at = world_.alerts.lower_bound(AlertKey{rule, ScoreKey{}});
       at != world_.alerts.end() && at->first.rule == rule; ++at) {
    if (at->second.visibility != visibility) {
      at->second.visibility = visibility;
      Touch(at->second);
    }
  }
}

void Reconciler::EndAlert(Alert& alert, Reason reason) {
  const AlertState from = alert.state;
  if (End(alert)) {
    EndByLook(alert.severity, alert);
    Record(from, reason, world_.applied.number, alert);
    Touch(alert);
  } else if (std::exchange(alert.resolved_by_hand, false)) {
    Touch(alert);
  }
}

void Reconciler::RecordEnded(const std::vector<Ended>& ended, Alert& alert) {
  for (const Ended& end : ended) {
    Record(alert.state, end.reason, world_.applied.number, alert, end.kind);
    Touch(alert);
  }
}

TimelineEntry& Reconciler::Record(AlertState from, Reason reason, int64_t revision, Alert& alert, EntryKind kind) {
  if (kind == EntryKind::kStateChanged) {
    SetTimes(time_, alert);
    alert.resolve_reason = alert.state == AlertState::kResolved ? reason : Reason::kNone;
  }
  alert.sequence = ++world_.sequence;
  changes_.transitions.push_back({.from = from,
                                  .reason = reason,
                                  .time = time_,
                                  .revision = {world_.applied.lineage, revision},
                                  .after = alert,
                                  .kind = kind});
  return changes_.transitions.back();
}

}  // namespace orewatch::alerting
