// Brings alerts into line with rules and scores.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/action.h"
#include "services/alerting/domain/attention.h"
#include "services/alerting/domain/evaluation.h"
#include "services/alerting/domain/ledger.h"
#include "services/alerting/domain/rule_index.h"
#include "services/alerting/domain/settlement.h"
#include "services/alerting/domain/sight.h"
#include "services/alerting/domain/world.h"

namespace orewatch::alerting {

// Of what a rule may need, whether all arrives.
enum class Input {
  kWhole,
  // Something does not arrive: the grid goes on standing still.
  kPartial,
};

// One step of a world: make one, take the steps, take the changes. Level-triggered: each step compares what is with
// what should be, so a missed, repeated or merged message cannot leave a wrong alert. Deterministic: reads no clock.
// Thread-compatible; `world` outlives it and is changed at once.
class Reconciler {
 public:
  Reconciler(World& world, absl::Time now);

  // Takes the scores over, as of the time at which they were committed (now, if that lies ahead), and looks at each
  // that changed. False, and nothing done, if the batch lies before what has been applied of the same lineage.
  bool ApplyScores(const ScoreBatch& batch, Input input = Input::kWhole);
  // The same with what has happened in the registry.
  bool ApplyFacts(const FactBatch& batch, Input input = Input::kWhole);
  // Evaluates the grid up to the last tick at or before a time, at most now. False if that has been done.
  bool AdvanceGridTo(absl::Time time);
  bool AdvanceGrid() { return AdvanceGridTo(now_); }
  // Scores or facts have stopped arriving. Until all do again the grid stands still.
  void LoseInput();
  // Shows how long nothing has arrived: in alerts that are live, and to rules that wait for it.
  void AdvanceSilence();
  // Adds or replaces a rule; its alerts follow with reason RULE_CHANGED if it was there before.
  void PutRule(Rule rule);
  // The rule must exist. Its alerts end with reason RULE_DELETED.
  void DeleteRule(const std::string& id);

  // What somebody does with an alert, which must exist and must not refuse it. The alert as it is then.
  const Alert& ActOn(const AlertKey& key, const Action& action);
  // Ends acknowledgements and snoozes that have expired by the last tick at or before now, with or without input. False
  // if there were none.
  bool ExpireAttention();

  // What the steps so far changed; call once, last.
  Changes TakeChanges() { return ledger_.TakeChanges(); }

 private:
  enum class Look { kAtRevision, kAtTick, kAtRuleChange };
  using StoredScore = decltype(World::scores)::value_type;

  World& world() { return ledger_.world(); }
  void TakeScore(const ScoreValue& received, const std::vector<const Rule*>& rules);
  void TakeFact(const Fact& received, absl::Time seen);
  void DropFact(const std::string& resource);
  // Alerts about the thing, of whatever rule, are for those who may know of it now.
  void ShowThingTo(const Visibility& visibility, const std::string& resource);
  void FindInput();
  // How far back the rules, those that match and those with combinations, look at a score.
  int64_t WindowOf(const ScoreKey& key, const std::vector<const Rule*>& matching);
  // As of when something is judged.
  Moment MomentOf(Look look);
  void LookAtRule(const Rule& rule, Look look, std::optional<Reason> because);
  void LookAtScore(const ScoreKey& key, const std::vector<const Rule*>& rules);
  void LookAtScore(const Rule& rule, const ScoreValue& score, Look look, std::optional<Reason> because);
  // At each of its happenings that the rule asks for, or has an alert about.
  void LookAtFact(const Rule& rule, const Fact& fact, Look look, std::optional<Reason> because);
  // Of a rule about happenings.
  void LookAtFacts(const Rule& rule, Look look, std::optional<Reason> because);
  // Of a rule with a combination.
  void LookAtSubjects(const Rule& rule, Look look, std::optional<Reason> because);
  // What may meet the combination, and what it has alerts about.
  std::set<std::string> SubjectsOf(const Rule& rule);
  const ConcernIndex& concerns();
  // Scores that a window of some rule has passed over since a tick, in the order of their keys.
  std::vector<const StoredScore*> MovedSince(int64_t tick);
  // At the scores at which something may follow from the time since the tick before.
  void LookAtTick(const Rule& rule, int64_t before, const std::vector<const StoredScore*>& moved);
  // Nothing is seen of what is gone; `because` overrides the reason of what happens.
  void LookAt(const Rule& rule, const AlertKey& key, const std::optional<Sight>& sight, Look look,
              std::optional<Reason> because);
  std::optional<Reason> Decide(const Rule& rule, const Finding& finding, Look look, Alert& alert);
  void EndAlert(Alert& alert, Reason reason);
  void EndUnmatched(const Rule& rule, Reason reason);
  void ShowTo(const Visibility& visibility, const std::string& rule);
  void RecordEnded(const std::vector<Ended>& ended, Alert& alert);

  const absl::Time now_;
  Ledger ledger_;
  Settlement settlement_;
  // Of the facts as they are; made when it is needed.
  std::optional<ConcernIndex> concerns_;
};

}  // namespace orewatch::alerting
