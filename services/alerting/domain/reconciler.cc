#include "services/alerting/domain/reconciler.h"

#include <algorithm>
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

std::vector<std::string> MissingFacts(const World& world, const FactBatch& batch) {
  std::set<std::string> present;
  for (const Fact& fact : batch.facts) {
    present.insert(fact.resource);
  }
  std::vector<std::string> missing;
  for (const auto& [resource, fact] : world.facts) {
    if (!present.contains(resource)) {
      missing.push_back(resource);
    }
  }
  return missing;
}

// Whether an alert about this can be one of the rule's.
bool Covers(const Rule& rule, const AlertKey& key) {
  if (IsOfScores(rule.condition)) {
    return key.happening.empty() && Matches(rule, key.score);
  }
  const auto* combination = std::get_if<Combination>(&rule.condition);
  if (rule.disabled || key.score.method != 0) {
    return false;
  }
  return combination == nullptr
             ? !key.happening.empty()
             : key.happening.empty() && ConcernIndex::CollectionOfName(key.score.subject) == combination->collection;
}

}  // namespace

Reconciler::Reconciler(World& world, absl::Time now) : now_(now), ledger_(world, now), settlement_(ledger_) {}

bool Reconciler::ApplyScores(const ScoreBatch& batch, Input input) {
  if (batch.revision.lineage == world().applied.lineage && batch.revision.number < world().applied.number) {
    return false;
  }
  world().applied = batch.revision;
  ledger_.set_time(std::min(now_, batch.commit_time));
  if (input == Input::kWhole) {
    FindInput();
  }
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

bool Reconciler::ApplyFacts(const FactBatch& batch, Input input) {
  const Revision before = world().facts_position.revision;
  if (batch.position.revision.lineage == before.lineage && batch.position.revision.number < before.number) {
    return false;
  }
  world().facts_position = batch.position;
  ledger_.set_time(std::min(now_, batch.commit_time));
  if (input == Input::kWhole) {
    FindInput();
  }
  // What was there before anybody looked has not begun now.
  const absl::Time seen = before == Revision() ? absl::InfinitePast() : ledger_.time();
  for (const Fact& fact : batch.facts) {
    TakeFact(fact, seen);
  }
  for (const std::string& resource : batch.complete ? MissingFacts(world(), batch) : batch.removed) {
    DropFact(resource);
  }
  settlement_.Settle();
  ledger_.set_time(now_);
  return true;
}

void Reconciler::TakeScore(const ScoreValue& received, const std::vector<const Rule*>& rules) {
  ScoreValue score = received;
  const auto stored = world().scores.find(score.key);
  const bool known = stored != world().scores.end();
  Succeed(known ? &stored->second : nullptr, ledger_.time(), WindowOf(score.key, rules), score);
  if (known && stored->second == score) {
    return;
  }
  world().scores.insert_or_assign(score.key, score);
  ledger_.changes().scores.push_back(std::move(score));
}

void Reconciler::TakeFact(const Fact& received, absl::Time seen) {
  Fact fact = received;
  const auto stored = world().facts.find(fact.resource);
  const bool known = stored != world().facts.end();
  Succeed(known ? &stored->second : nullptr, seen, fact);
  ShowThingTo(fact.visibility, fact.resource);
  if (known ? stored->second == fact : fact.spells.empty()) {
    return;
  }
  concerns_.reset();
  if (fact.spells.empty()) {
    ledger_.changes().removed_facts.push_back(fact.resource);
    world().facts.erase(stored);
  } else {
    ledger_.changes().facts.push_back(fact);
    world().facts.insert_or_assign(fact.resource, fact);
  }
  for (const auto& [id, rule] : world().rules) {
    if (!rule.disabled && IsHappening(rule.condition)) {
      LookAtFact(rule, fact, Look::kAtRevision, std::nullopt);
    }
  }
}

void Reconciler::DropFact(const std::string& resource) {
  if (world().facts.erase(resource) > 0) {
    concerns_.reset();
    ledger_.changes().removed_facts.push_back(resource);
  }
  for (const auto& [id, rule] : world().rules) {
    for (const AlertKey& key : AlertKeysAbout(world(), rule.id, resource)) {
      LookAt(rule, key, std::nullopt, Look::kAtRevision, std::nullopt);
    }
  }
}

void Reconciler::ShowThingTo(const Visibility& visibility, const std::string& resource) {
  if (!world().alerts.AnyAbout(SubjectKey(resource))) {
    return;
  }
  for (auto& [key, alert] : world().alerts) {
    const bool of_thing = key.score.subject == resource && !key.happening.empty();
    if (of_thing && alert.subject_visibility != visibility) {
      alert.subject_visibility = visibility;
      ledger_.Touch(alert);
    }
  }
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

void Reconciler::EndUnmatched(const Rule& rule, Reason reason) {
  for (Alert* alert : AlertsOf(world(), rule.id)) {
    const bool stays = alert->OfRule() ? !rule.disabled : Covers(rule, alert->key);
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
