// How a Reconciler looks at scores, facts and subjects, and what follows for one alert.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/alerting/domain/evaluation.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/domain/reconciler.h"
#include "services/alerting/domain/state_machine.h"

namespace orewatch::alerting {
namespace {

// A window over the score that ended at a tick did not lie in its present state as a whole.
bool HasMoved(const ScoreValue& score, int64_t window, int64_t tick) {
  return window > 0 && !score.past.empty() && score.since > tick - window;
}

}  // namespace

int64_t Reconciler::WindowOf(const ScoreKey& key, const std::vector<const Rule*>& matching) {
  int64_t longest = 0;
  for (const Rule* rule : matching) {
    longest = std::max(longest, WindowTicks(rule->condition));
  }
  for (const auto& [id, rule] : world().rules) {
    if (IsCombination(rule.condition) && WindowTicks(rule.condition) > longest && Reads(rule, key)) {
      longest = WindowTicks(rule.condition);
    }
  }
  return longest;
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
        LookAtScore(rule, score, look, because);
      }
    }
  }
}

void Reconciler::LookAtScore(const ScoreKey& key, const std::vector<const Rule*>& rules) {
  const auto score = world().scores.find(key);
  for (const Rule* rule : rules) {
    if (score == world().scores.end()) {
      LookAt(*rule, {rule->id, key}, std::nullopt, Look::kAtRevision, std::nullopt);
    } else {
      LookAtScore(*rule, score->second, Look::kAtRevision, std::nullopt);
    }
  }
}

void Reconciler::LookAtScore(const Rule& rule, const ScoreValue& score, Look look, std::optional<Reason> because) {
  const Finding finding = Evaluate(rule, score, MomentOf(look).tick);
  // Most scores are those of no alert, and begin none.
  if (world().alerts.AnyAbout(score.key) || Begins(finding)) {
    LookAt(rule, {rule.id, score.key}, SightOf(score, finding), look, because);
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
  if (!IsOfScores(rule.condition)) {
    LookAtRule(rule, Look::kAtTick, std::nullopt);
    return;
  }
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
      LookAtScore(rule, score->second, Look::kAtTick, std::nullopt);
    }
  }
}

void Reconciler::LookAtFact(const Rule& rule, const Fact& fact, Look look, std::optional<Reason> because) {
  std::set<std::string> condition_keys = ConditionKeysOf(std::get<Happening>(rule.condition), fact);
  for (const AlertKey& key : AlertKeysAbout(world(), rule.id, fact.resource)) {
    condition_keys.insert(key.happening);
  }
  for (const std::string& condition_key : condition_keys) {
    LookAt(rule, {rule.id, SubjectKey(fact.resource), condition_key},
           SightOf(rule, fact, condition_key, MomentOf(look)), look, because);
  }
}

void Reconciler::LookAtFacts(const Rule& rule, Look look, std::optional<Reason> because) {
  const auto& happening = std::get<Happening>(rule.condition);
  // What is in none of the states any more has not become anybody else's.
  std::map<std::string, Visibility> gone;
  for (const Alert* alert : AlertsOf(world(), rule.id)) {
    const auto fact = world().facts.find(alert->key.score.subject);
    if (!alert->OfRule() && (fact == world().facts.end() || !Asks(happening, fact->second))) {
      gone.emplace(alert->key.score.subject, alert->subject_visibility);
    }
  }
  for (const auto& [resource, fact] : world().facts) {
    if (Asks(happening, fact)) {
      LookAtFact(rule, fact, look, because);
    }
  }
  for (const auto& [resource, visibility] : gone) {
    LookAtFact(rule, {.resource = resource, .visibility = visibility}, look, because);
  }
}

void Reconciler::LookAtSubjects(const Rule& rule, Look look, std::optional<Reason> because) {
  for (const std::string& subject : SubjectsOf(rule)) {
    const Surroundings around{.subject = subject, .scores = world().scores, .facts = concerns().Find(subject)};
    LookAt(rule, {rule.id, SubjectKey(subject)}, SightOf(rule, around, MomentOf(look)), look, because);
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

void Reconciler::LookAt(const Rule& rule, const AlertKey& key, const std::optional<Sight>& sight, Look look,
                        std::optional<Reason> because) {
  const auto found = world().alerts.find(key);
  const bool known = found != world().alerts.end();
  if (!sight.has_value()) {
    if (known) {
      EndAlert(found->second, Reason::kSubjectRemoved);
    }
    return;
  }
  const Alert before = known ? found->second : Alert{.key = key};
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

}  // namespace orewatch::alerting
