#include "services/alerting/domain/reconciler.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "services/alerting/domain/evaluation.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/domain/state_machine.h"

namespace orewatch::alerting {
namespace {

// A connection that breaks and comes back within this is nothing to speak of.
constexpr absl::Duration kStaleAfter = absl::Minutes(5);

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

// What the alert shows of its score.
void Show(const ScoreValue& score, const Finding& finding, Alert& alert) {
  alert.value = score.value;
  alert.certainty = score.certainty;
  alert.cause = score.cause;
  alert.top_country = score.top_country;
  alert.error = finding.measurement.error != nullptr ? finding.measurement.error : "";
  alert.missing_input = !finding.measurement.number.has_value() && alert.error.empty();
}

int64_t LongestWindow(const std::vector<const Rule*>& rules) {
  int64_t longest = 0;
  for (const Rule* rule : rules) {
    longest = std::max(longest, WindowTicks(rule->condition));
  }
  return longest;
}

// A window over the score that ended at a tick did not lie in its present state as a whole.
bool HasMoved(const ScoreValue& score, int64_t window, int64_t tick) {
  return window > 0 && !score.past.empty() && score.since > tick - window;
}

}  // namespace

Reconciler::Reconciler(World& world, absl::Time now) : now_(now), ledger_(world, now), settlement_(ledger_) {}

bool Reconciler::ApplyScores(const ScoreBatch& batch) {
  if (batch.revision.lineage == world().applied.lineage && batch.revision.number < world().applied.number) {
    return false;
  }
  world().applied = batch.revision;
  ledger_.set_time(std::min(now_, batch.commit_time));
  FindInput();
  RuleIndex rules(world().rules, batch.scores.size() + batch.removed.size());
  for (const ScoreValue& score : batch.scores) {
    const std::vector<const Rule*>& matching = rules.Matching(score.key);
    TakeScore(score, matching);
    LookAtScore(score.key, matching);
  }
  for (const ScoreKey& key : batch.complete ? Missing(world(), batch) : batch.removed) {
    if (world().scores.erase(key) > 0) {
      ledger_.changes().removed_scores.push_back(key);
    }
    LookAtScore(key, rules.Matching(key));
  }
  settlement_.Settle();
  ledger_.set_time(now_);
  return true;
}

void Reconciler::TakeScore(const ScoreValue& received, const std::vector<const Rule*>& rules) {
  ScoreValue score = received;
  const auto stored = world().scores.find(score.key);
  const bool known = stored != world().scores.end();
  Succeed(known ? &stored->second : nullptr, ledger_.time(), LongestWindow(rules), score);
  if (known && stored->second == score) {
    return;
  }
  world().scores.insert_or_assign(score.key, score);
  ledger_.changes().scores.push_back(std::move(score));
}

bool Reconciler::AdvanceGridTo(absl::Time time) {
  const int64_t tick = TickAt(std::min(now_, time));
  if (tick <= world().tick) {
    return false;
  }
  const int64_t before = std::exchange(world().tick, tick);
  ledger_.set_time(TimeOf(tick));
  const std::vector<const StoredScore*> moved = MovedSince(before);
  for (const auto& [id, rule] : world().rules) {
    // Nothing follows from time alone.
    if (rule.NeedsTicks() && !rule.disabled) {
      LookAtTick(rule, before, moved);
    }
  }
  settlement_.Sweep();
  settlement_.Settle();
  ledger_.set_time(now_);
  return true;
}

void Reconciler::LoseInput() {
  if (!world().silent_since.has_value()) {
    world().silent_since = now_;
  }
}

void Reconciler::AdvanceSilence() {
  if (world().silent_since.has_value() && now_ - *world().silent_since >= kStaleAfter) {
    for (auto& [key, alert] : world().alerts) {
      if (alert.Live() && !alert.stale_input && !alert.OfRule()) {
        alert.stale_input = true;
        ledger_.Note(Reason::kStaleInputBegan, alert);
      }
    }
  }
  settlement_.JudgeSilence();
  settlement_.Settle();
}

void Reconciler::FindInput() {
  if (!world().silent_since.has_value()) {
    return;
  }
  world().silent_since.reset();
  for (auto& [key, alert] : world().alerts) {
    if (!alert.stale_input) {
      continue;
    }
    alert.stale_input = false;
    if (alert.Live()) {
      ledger_.Note(Reason::kStaleInputEnded, alert);
    } else {
      ledger_.Touch(alert);
    }
  }
  settlement_.JudgeSilence();
}

void Reconciler::PutRule(Rule rule) {
  const auto before = world().rules.find(rule.id);
  const bool counts_anew = before != world().rules.end() && before->second.m_of_n != rule.m_of_n;
  const auto [stored, inserted] = world().rules.insert_or_assign(rule.id, rule);
  ShowTo(rule.visibility, rule.id);
  const std::optional<Reason> because = inserted ? std::nullopt : std::optional(Reason::kRuleChanged);
  EndUnmatched(rule, rule.disabled ? Reason::kRuleDisabled : Reason::kRuleChanged);
  for (Alert* alert : AlertsOf(world(), rule.id)) {
    if (counts_anew && alert->state == AlertState::kPending) {
      CountAnew(now_, *alert);
      ledger_.Touch(*alert);
    }
  }
  LookAtRule(stored->second, Look::kAtRuleChange, because);
  ledger_.changes().rules.push_back(std::move(rule));
  settlement_.RuleChanged(stored->second);
  settlement_.Settle();
}

void Reconciler::DeleteRule(const std::string& id) {
  const auto rule = world().rules.find(id);
  rule->second.disabled = true;
  EndUnmatched(rule->second, Reason::kRuleDeleted);
  settlement_.RuleChanged(rule->second);
  settlement_.Settle();
  world().rules.erase(rule);
  ledger_.changes().deleted_rules.push_back(id);
}

const Alert& Reconciler::ActOn(const AlertKey& key, const Action& action) {
  Alert& alert = world().alerts.at(key);
  if (action.kind == Action::Kind::kResolve) {
    settlement_.ForgetFlips(alert);
  }
  const AlertState from = alert.state;
  const Done done = Act(action, now_, alert);
  TimelineEntry& entry = ledger_.Record(from, done.kind, done.reason, world().applied.number, alert);
  entry.principal = action.principal;
  entry.text = action.text;
  ledger_.Touch(alert);
  settlement_.Settle();
  return world().alerts.at(key);
}

bool Reconciler::ExpireAttention() {
  const int64_t before = world().sequence;
  ledger_.set_time(TimeOf(TickAt(now_)));
  for (auto& [key, alert] : world().alerts) {
    if (alert.Attended()) {
      RecordEnded(EndByTime(ledger_.time(), alert), alert);
    }
  }
  settlement_.Settle();
  ledger_.set_time(now_);
  return world().sequence != before;
}

int64_t Reconciler::TickOf(Look look) { return look == Look::kAtTick ? world().tick : TickAt(ledger_.time()); }

void Reconciler::LookAtRule(const Rule& rule, Look look, std::optional<Reason> because) {
  for (const auto& [key, score] : world().scores) {
    if (Matches(rule, key)) {
      LookAt(rule, key, &score, look, because);
    }
  }
}

void Reconciler::LookAtScore(const ScoreKey& key, const std::vector<const Rule*>& rules) {
  const auto score = world().scores.find(key);
  for (const Rule* rule : rules) {
    LookAt(*rule, key, score == world().scores.end() ? nullptr : &score->second, Look::kAtRevision, std::nullopt);
  }
}

std::vector<const Reconciler::StoredScore*> Reconciler::MovedSince(int64_t tick) {
  int64_t longest = 0;
  for (const auto& [id, rule] : world().rules) {
    longest = rule.disabled ? longest : std::max(longest, WindowTicks(rule.condition));
  }
  std::vector<const StoredScore*> moved;
  if (longest == 0) {
    return moved;
  }
  for (const StoredScore& score : world().scores) {
    if (HasMoved(score.second, longest, tick)) {
      moved.push_back(&score);
    }
  }
  return moved;
}

void Reconciler::LookAtTick(const Rule& rule, int64_t before, const std::vector<const StoredScore*>& moved) {
  std::vector<const StoredScore*> due;
  for (const Alert* alert : AlertsOf(world(), rule.id)) {
    const auto score = world().scores.find(alert->key.score);
    const bool follows = alert->Live() || alert->resolved_by_hand || rule.MovesWithTime();
    if (follows && score != world().scores.end()) {
      due.push_back(&*score);
    }
  }
  const int64_t window = WindowTicks(rule.condition);
  std::copy_if(moved.begin(), moved.end(), std::back_inserter(due),
               [&](const StoredScore* score) { return HasMoved(score->second, window, before); });
  std::sort(due.begin(), due.end(), [](const StoredScore* a, const StoredScore* b) { return a->first < b->first; });
  due.erase(std::unique(due.begin(), due.end()), due.end());
  for (const StoredScore* score : due) {
    if (Matches(rule, score->first)) {
      LookAt(rule, score->first, &score->second, Look::kAtTick, std::nullopt);
    }
  }
}

void Reconciler::LookAt(const Rule& rule, const ScoreKey& key, const ScoreValue* score, Look look,
                        std::optional<Reason> because) {
  const bool any = world().alerts.AnyAbout(key);
  const Finding finding = score != nullptr ? Evaluate(rule, *score, TickOf(look)) : Finding{};
  if (!any && !Begins(finding)) {
    return;
  }
  const AlertKey alert_key{rule.id, key};
  const auto found = world().alerts.find(alert_key);
  const bool known = found != world().alerts.end();
  if (score == nullptr) {
    if (known) {
      EndAlert(found->second, Reason::kSubjectRemoved);
    }
    return;
  }
  const Alert before = known ? found->second : Alert{.key = alert_key};
  Alert alert = before;
  std::optional<Reason> reason = Decide(rule, finding, look, alert);
  if (!reason.has_value() && !known) {
    return;
  }
  if (rule.max_alerts > 0 && alert.state == AlertState::kFiring && before.state != AlertState::kFiring) {
    if (before.state != AlertState::kPending) {
      CountAnew(ledger_.time(), alert);
    }
    HoldBack(alert);
    reason = before.state == AlertState::kPending ? std::nullopt : reason;
  }
  Show(*score, finding, alert);
  alert.visibility = rule.visibility;
  // What has ended keeps the severity that it had; what is judged on the grid changes it there.
  if (alert.Live() && !(look == Look::kAtRevision && rule.Waits() && before.state == AlertState::kFiring)) {
    alert.severity = SeverityOf(rule, finding, before);
  }
  const std::vector<Ended> ended = EndByRise(before.severity, alert);
  if (reason.has_value()) {
    ledger_.Record(before.state, because.value_or(*reason), score->revision, alert);
  } else if (alert.state == AlertState::kFiring && alert.severity != before.severity) {
    ledger_.Record(before.state, alert.severity > before.severity ? Reason::kSeverityRaised : Reason::kSeverityLowered,
                   score->revision, alert);
  }
  if (alert != before) {
    RecordEnded(ended, ledger_.Keep(std::move(alert)));
  }
}

std::optional<Reason> Reconciler::Decide(const Rule& rule, const Finding& finding, Look look, Alert& alert) {
  if (HeldDown(finding.verdict == Verdict::kCleared, alert)) {
    return std::nullopt;
  }
  switch (look) {
    case Look::kAtRevision:
      return AtRevision(rule, finding, ledger_.time(), alert);
    case Look::kAtTick:
      return AtTick(rule, finding, world().tick, alert);
    case Look::kAtRuleChange:
      return AtRuleChange(rule, finding, now_, alert);
  }
  return std::nullopt;
}

void Reconciler::EndUnmatched(const Rule& rule, Reason reason) {
  for (Alert* alert : AlertsOf(world(), rule.id)) {
    const bool stays = alert->OfRule() ? !rule.disabled : Matches(rule, alert->key.score);
    if (!stays) {
      EndAlert(*alert, reason);
    }
  }
}

void Reconciler::ShowTo(const Visibility& visibility, const std::string& rule) {
  for (Alert* alert : AlertsOf(world(), rule)) {
    if (alert->visibility != visibility) {
      alert->visibility = visibility;
      ledger_.Touch(*alert);
    }
  }
}

void Reconciler::EndAlert(Alert& alert, Reason reason) {
  settlement_.ForgetFlips(alert);
  const AlertState from = alert.state;
  if (End(alert)) {
    ledger_.Record(from, reason, world().applied.number, alert);
    ledger_.Touch(alert);
  } else if (std::exchange(alert.resolved_by_hand, false)) {
    ledger_.Touch(alert);
  }
}

void Reconciler::RecordEnded(const std::vector<Ended>& ended, Alert& alert) {
  for (const Ended& end : ended) {
    ledger_.Record(alert.state, end.kind, end.reason, world().applied.number, alert);
    ledger_.Touch(alert);
  }
}

}  // namespace orewatch::alerting
