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
bool Covers(const Rule& rule, const ScoreKey& key) {
  if (IsOfScores(rule.condition)) {
    return Matches(rule, key);
  }
  const auto* combination = std::get_if<Combination>(&rule.condition);
  return !rule.disabled && key.method == 0 &&
         (combination == nullptr || ConcernIndex::CollectionOfName(key.subject) == combination->collection);
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
  for (const ScoreValue& score : batch.scores) {
    TakeScore(score);
    LookAtScore(score.key);
  }
  for (const ScoreKey& key : batch.complete ? Missing(world(), batch) : batch.removed) {
    if (world().scores.erase(key) > 0) {
      ledger_.changes().removed_scores.push_back(key);
    }
    LookAtScore(key);
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

void Reconciler::TakeScore(const ScoreValue& received) {
  ScoreValue score = received;
  const auto stored = world().scores.find(score.key);
  const bool known = stored != world().scores.end();
  Succeed(known ? &stored->second : nullptr, ledger_.time(), WindowOf(score.key), score);
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
    if (IsHappening(rule.condition)) {
      LookAt(rule, SubjectKey(resource), std::nullopt, Look::kAtRevision, std::nullopt);
    }
  }
}

bool Reconciler::AdvanceGridTo(absl::Time time) {
  const int64_t tick = TickAt(std::min(now_, time));
  if (tick <= world().tick) {
    return false;
  }
  world().tick = tick;
  ledger_.set_time(TimeOf(tick));
  for (const auto& [id, rule] : world().rules) {
    // Nothing follows from time alone.
    if (rule.NeedsTicks()) {
      LookAtRule(rule, Look::kAtTick, std::nullopt);
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

int64_t Reconciler::WindowOf(const ScoreKey& key) {
  int64_t window = 0;
  for (const auto& [id, rule] : world().rules) {
    const int64_t ticks = WindowTicks(rule.condition);
    if (ticks > window && Reads(rule, key)) {
      window = ticks;
    }
  }
  return window;
}

Moment Reconciler::MomentOf(Look look) {
  return look == Look::kAtTick ? Moment{world().tick, TimeOf(world().tick)}
                               : Moment{TickAt(ledger_.time()), ledger_.time()};
}

void Reconciler::LookAtRule(const Rule& rule, Look look, std::optional<Reason> because) {
  if (rule.disabled) {
    return;
  }
  if (IsHappening(rule.condition)) {
    LookAtFacts(rule, look, because);
  } else if (IsCombination(rule.condition)) {
    LookAtSubjects(rule, look, because);
  } else {
    for (const auto& [key, score] : world().scores) {
      if (Matches(rule, key)) {
        LookAt(rule, key, SightOf(rule, score, MomentOf(look)), look, because);
      }
    }
  }
}

void Reconciler::LookAtScore(const ScoreKey& key) {
  const auto score = world().scores.find(key);
  for (const auto& [id, rule] : world().rules) {
    if (Matches(rule, key)) {
      LookAt(rule, key,
             score == world().scores.end() ? std::nullopt
                                           : std::optional(SightOf(rule, score->second, MomentOf(Look::kAtRevision))),
             Look::kAtRevision, std::nullopt);
    }
  }
}

void Reconciler::LookAtFact(const Rule& rule, const Fact& fact, Look look, std::optional<Reason> because) {
  LookAt(rule, SubjectKey(fact.resource), SightOf(rule, fact, MomentOf(look)), look, because);
}

void Reconciler::LookAtFacts(const Rule& rule, Look look, std::optional<Reason> because) {
  for (const auto& [resource, fact] : world().facts) {
    if (Asks(std::get<Happening>(rule.condition), fact)) {
      LookAtFact(rule, fact, look, because);
    }
  }
  for (const Alert* alert : AlertsOf(world(), rule.id)) {
    const std::string& resource = alert->key.score.subject;
    const auto fact = world().facts.find(resource);
    if (alert->OfRule() || (fact != world().facts.end() && Asks(std::get<Happening>(rule.condition), fact->second))) {
      continue;
    }
    // It is in none of the states any more, which does not make it anybody else's.
    LookAtFact(rule, {.resource = resource, .visibility = alert->subject_visibility}, look, because);
  }
}

void Reconciler::LookAtSubjects(const Rule& rule, Look look, std::optional<Reason> because) {
  for (const std::string& subject : SubjectsOf(rule)) {
    const Surroundings around{.subject = subject, .scores = world().scores, .facts = concerns().Find(subject)};
    LookAt(rule, SubjectKey(subject), SightOf(rule, around, MomentOf(look)), look, because);
  }
}

std::set<std::string> Reconciler::SubjectsOf(const Rule& rule) {
  std::set<std::string> subjects;
  for (const auto& [key, score] : world().scores) {
    if (Reads(rule, key)) {
      subjects.insert(key.subject);
    }
  }
  concerns().Each(std::get<Combination>(rule.condition).collection,
                  [&](const std::string& name) { subjects.insert(name); });
  for (const Alert* alert : AlertsOf(world(), rule.id)) {
    if (!alert->OfRule()) {
      subjects.insert(alert->key.score.subject);
    }
  }
  return subjects;
}

const ConcernIndex& Reconciler::concerns() {
  if (!concerns_.has_value()) {
    concerns_.emplace(world().facts);
  }
  return *concerns_;
}

void Reconciler::LookAt(const Rule& rule, const ScoreKey& key, const std::optional<Sight>& sight, Look look,
                        std::optional<Reason> because) {
  const AlertKey alert_key{rule.id, key};
  const auto found = world().alerts.find(alert_key);
  const bool known = found != world().alerts.end();
  if (!sight.has_value()) {
    if (known) {
      EndAlert(found->second, Reason::kSubjectRemoved);
    }
    return;
  }
  const Alert before = known ? found->second : Alert{.key = alert_key};
  Alert alert = before;
  std::optional<Reason> reason = Decide(rule, sight->finding, look, alert);
  if (!reason.has_value() && !known) {
    return;
  }
  Show(*sight, alert);
  alert.visibility = rule.visibility;
  const bool fires = alert.state == AlertState::kFiring && before.state != AlertState::kFiring;
  if (rule.max_alerts > 0 && fires && !alert.Restricted()) {
    if (before.state != AlertState::kPending) {
      CountAnew(ledger_.time(), alert);
    }
    HoldBack(alert);
    reason = before.state == AlertState::kPending ? std::nullopt : reason;
  }
  // What has ended keeps the severity that it had; what is judged on the grid changes it there.
  if (alert.Live() && !(look == Look::kAtRevision && rule.Waits() && before.state == AlertState::kFiring)) {
    alert.severity = SeverityOf(rule, sight->finding, before);
  }
  const std::vector<Ended> ended = EndByRise(before.severity, alert);
  if (reason.has_value()) {
    ledger_.Record(before.state, because.value_or(*reason), sight->revision, alert);
  } else if (alert.state == AlertState::kFiring && alert.severity != before.severity) {
    ledger_.Record(before.state, alert.severity > before.severity ? Reason::kSeverityRaised : Reason::kSeverityLowered,
                   sight->revision, alert);
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
    const bool stays = alert->OfRule() ? !rule.disabled : Covers(rule, alert->key.score);
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
