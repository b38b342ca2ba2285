#include "services/alerting/domain/reconciler.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kHhi = 1;

ScoreKey Key(const std::string& subject) { return {.subject = subject, .stage = 3, .importer = "", .method = kHhi}; }

ScoreValue Score(const std::string& subject, std::optional<double> value, int64_t revision) {
  return {.key = Key(subject), .value = value, .revision = revision};
}

Rule MakeRule(const std::string& id, double raise, int hold_minutes = 0) {
  Rule rule;
  rule.id = id;
  rule.target.method = kHhi;
  rule.condition = Threshold{.raise = raise, .clear = raise - 100};
  rule.hold = absl::Minutes(hold_minutes);
  rule.severity = Severity::kWarning;
  return rule;
}

ScoreBatch BatchOf(const std::string& lineage, int64_t revision, std::vector<ScoreValue> scores,
                   bool complete = false) {
  ScoreBatch batch;
  batch.revision.lineage = lineage;
  batch.revision.number = revision;
  batch.complete = complete;
  batch.scores = std::move(scores);
  return batch;
}

class ReconcilerTest : public ::testing::Test {
 protected:
  Changes Put(const Rule& rule) {
    Reconciler step(world_, now_);
    step.PutRule(rule);
    return step.TakeChanges();
  }
  Changes Delete(const std::string& id) {
    Reconciler step(world_, now_);
    step.DeleteRule(id);
    return step.TakeChanges();
  }
  Changes Apply(std::vector<ScoreValue> scores, std::vector<ScoreKey> removed = {}, bool complete = false) {
    Reconciler step(world_, now_);
    ScoreBatch batch = BatchOf("l", ++revision_, std::move(scores), complete);
    batch.removed = std::move(removed);
    step.ApplyScores(batch);
    return step.TakeChanges();
  }
  Changes Tick() {
    now_ += kTick;
    Reconciler step(world_, now_);
    step.AdvanceGrid();
    return step.TakeChanges();
  }
  const Alert& AlertOf(const std::string& rule, const std::string& subject) {
    return world_.alerts.at({.rule = rule, .score = Key(subject)});
  }

  World world_;
  absl::Time now_ = TimeOf(1000);
  int64_t revision_ = 0;
};

std::vector<Reason> ReasonsOf(const Changes& changes) {
  std::vector<Reason> reasons;
  for (const Transition& transition : changes.transitions) {
    reasons.push_back(transition.reason);
  }
  return reasons;
}

TEST_F(ReconcilerTest, RaisesOneAlertForEachRuleAndSubject) {
  Put(MakeRule("a", 5000));
  Put(MakeRule("b", 7000));
  const Changes changes = Apply({Score("minerals/x", 8000, 1), Score("minerals/y", 6000, 1)});
  EXPECT_THAT(changes.transitions, SizeIs(3));
  EXPECT_THAT(changes.alerts, SizeIs(3));
  EXPECT_EQ(AlertOf("a", "minerals/y").state, AlertState::kFiring);
  EXPECT_FALSE(world_.alerts.contains({.rule = "b", .score = Key("minerals/y")}));
}

TEST_F(ReconcilerTest, SequencesAreDenseAndTransitionsNameTheirRevision) {
  Put(MakeRule("a", 5000));
  Changes changes = Apply({Score("minerals/x", 8000, 1), Score("minerals/y", 6000, 1)});
  const Changes later = Apply({Score("minerals/x", 1000, 2)});
  ASSERT_THAT(changes.transitions, SizeIs(2));
  ASSERT_THAT(later.transitions, SizeIs(1));
  EXPECT_EQ(changes.transitions[0].after.sequence, 1);
  EXPECT_EQ(changes.transitions[1].after.sequence, 2);
  EXPECT_EQ(later.transitions[0].after.sequence, 3);
  EXPECT_EQ(later.transitions[0].revision, (Revision{"l", 2}));
  EXPECT_EQ(later.transitions[0].from, AlertState::kFiring);
}

TEST_F(ReconcilerTest, ARepeatedBatchChangesNothing) {
  Put(MakeRule("a", 5000));
  Apply({Score("minerals/x", 8000, 1)});
  const World before = world_;
  Reconciler step(world_, now_ + absl::Seconds(5));
  EXPECT_TRUE(step.ApplyScores(BatchOf("l", 1, {Score("minerals/x", 8000, 1)}, false)));
  EXPECT_TRUE(step.TakeChanges().OnlyPosition());
  EXPECT_EQ(world_, before);
}

TEST_F(ReconcilerTest, AnOlderBatchIsNotTaken) {
  Put(MakeRule("a", 5000));
  Apply({Score("minerals/x", 8000, 1)});
  Apply({Score("minerals/x", 1000, 2)});
  Reconciler step(world_, now_);
  EXPECT_FALSE(step.ApplyScores(BatchOf("l", 1, {Score("minerals/x", 8000, 1)}, false)));
  EXPECT_EQ(AlertOf("a", "minerals/x").state, AlertState::kResolved);
}

TEST_F(ReconcilerTest, ALowerRevisionOfAnotherLineageIsTaken) {
  Put(MakeRule("a", 5000));
  Apply({Score("minerals/x", 8000, 1)});
  Apply({Score("minerals/y", 8000, 2)});
  Reconciler step(world_, now_);
  EXPECT_TRUE(step.ApplyScores(BatchOf("m", 1, {Score("minerals/x", 8000, 1)}, true)));
  EXPECT_EQ(world_.applied, (Revision{"m", 1}));
  EXPECT_EQ(AlertOf("a", "minerals/x").state, AlertState::kFiring);
  EXPECT_THAT(ReasonsOf(step.TakeChanges()), ElementsAre(Reason::kSubjectRemoved));
}

TEST_F(ReconcilerTest, ARemovedSubjectResolvesItsAlerts) {
  Put(MakeRule("a", 5000));
  Apply({Score("minerals/x", 8000, 1)});
  const Changes changes = Apply({}, {Key("minerals/x")});
  EXPECT_THAT(ReasonsOf(changes), ElementsAre(Reason::kSubjectRemoved));
  EXPECT_THAT(changes.removed_scores, ElementsAre(Key("minerals/x")));
  EXPECT_EQ(AlertOf("a", "minerals/x").state, AlertState::kResolved);
  EXPECT_EQ(AlertOf("a", "minerals/x").resolve_time, now_);
  EXPECT_THAT(ReasonsOf(Apply({Score("minerals/x", 8000, 3)})), ElementsAre(Reason::kConditionMet));
}

TEST_F(ReconcilerTest, ACompleteBatchRemovesWhatItLacks) {
  Put(MakeRule("a", 5000));
  Apply({Score("minerals/x", 8000, 1), Score("minerals/y", 8000, 1)});
  const Changes changes = Apply({Score("minerals/y", 8000, 1)}, {}, /*complete=*/true);
  EXPECT_THAT(changes.removed_scores, ElementsAre(Key("minerals/x")));
  EXPECT_THAT(ReasonsOf(changes), ElementsAre(Reason::kSubjectRemoved));
}

TEST_F(ReconcilerTest, AnUnsetValueIsShownAndKeepsTheState) {
  Put(MakeRule("a", 5000));
  Apply({Score("minerals/x", 8000, 1)});
  const Changes changes = Apply({Score("minerals/x", std::nullopt, 2)});
  EXPECT_THAT(changes.transitions, IsEmpty());
  EXPECT_THAT(changes.alerts, SizeIs(1));
  EXPECT_EQ(AlertOf("a", "minerals/x").state, AlertState::kFiring);
  EXPECT_EQ(AlertOf("a", "minerals/x").value, std::nullopt);
}

TEST_F(ReconcilerTest, ARuleIsHeldAgainstTheBoundThatItChose) {
  Rule certain = MakeRule("certain", 4225);
  std::get<Threshold>(certain.condition).measured_by = Measure::kLowerBound;
  Rule possible = MakeRule("possible", 4225);
  std::get<Threshold>(possible.condition).measured_by = Measure::kUpperBound;
  Put(MakeRule("estimate", 4225));
  Put(certain);
  Put(possible);
  ScoreValue titanium = Score("minerals/titanium", 4896, 1);
  titanium.certainty.lower = 3287;
  Apply({titanium});
  EXPECT_EQ(AlertOf("estimate", "minerals/titanium").state, AlertState::kFiring);
  EXPECT_EQ(AlertOf("estimate", "minerals/titanium").certainty.lower, 3287);
  EXPECT_FALSE(world_.alerts.contains({.rule = "certain", .score = Key("minerals/titanium")}));
  EXPECT_FALSE(world_.alerts.contains({.rule = "possible", .score = Key("minerals/titanium")}));
  titanium.certainty = {.lower = 4300, .upper = 5000};
  Apply({titanium});
  EXPECT_EQ(AlertOf("certain", "minerals/titanium").state, AlertState::kFiring);
  EXPECT_EQ(AlertOf("possible", "minerals/titanium").state, AlertState::kFiring);
}

TEST_F(ReconcilerTest, ABoundThatIsLostKeepsTheState) {
  Rule certain = MakeRule("certain", 4225);
  std::get<Threshold>(certain.condition).measured_by = Measure::kLowerBound;
  Put(certain);
  ScoreValue score = Score("minerals/x", 5000, 1);
  score.certainty.lower = 4300;
  Apply({score});
  score.certainty.lower = std::nullopt;
  score.value = 10;
  EXPECT_THAT(Apply({score}).transitions, IsEmpty());
  EXPECT_EQ(AlertOf("certain", "minerals/x").state, AlertState::kFiring);
  EXPECT_EQ(AlertOf("certain", "minerals/x").value, 10);
}

TEST_F(ReconcilerTest, AnotherMeasureReconcilesTheAlerts) {
  Put(MakeRule("a", 4225));
  ScoreValue score = Score("minerals/x", 5000, 1);
  score.certainty.lower = 3000;
  Apply({score});
  Rule certain = MakeRule("a", 4225);
  std::get<Threshold>(certain.condition).measured_by = Measure::kLowerBound;
  EXPECT_THAT(ReasonsOf(Put(certain)), ElementsAre(Reason::kRuleChanged));
  EXPECT_EQ(AlertOf("a", "minerals/x").state, AlertState::kResolved);
}

TEST_F(ReconcilerTest, ANewRuleLooksAtTheScoresThatAreThere) {
  Apply({Score("minerals/x", 8000, 1)});
  EXPECT_THAT(ReasonsOf(Put(MakeRule("a", 5000))), ElementsAre(Reason::kConditionMet));
}

TEST_F(ReconcilerTest, AStricterRuleResolvesWithReasonRuleChanged) {
  Put(MakeRule("a", 5000));
  Apply({Score("minerals/x", 8000, 1), Score("minerals/y", 9900, 1)});
  EXPECT_THAT(ReasonsOf(Put(MakeRule("a", 9900))), ElementsAre(Reason::kRuleChanged));
  EXPECT_EQ(AlertOf("a", "minerals/x").state, AlertState::kResolved);
  EXPECT_EQ(AlertOf("a", "minerals/y").state, AlertState::kFiring);
}

TEST_F(ReconcilerTest, AChangedTargetResolvesWhatItNoLongerMeans) {
  Put(MakeRule("a", 5000));
  Apply({Score("minerals/x", 8000, 1), Score("minerals/y", 8000, 1)});
  Rule narrower = MakeRule("a", 5000);
  narrower.target.subject = "minerals/y";
  EXPECT_THAT(ReasonsOf(Put(narrower)), ElementsAre(Reason::kRuleChanged));
  EXPECT_EQ(AlertOf("a", "minerals/x").state, AlertState::kResolved);
  EXPECT_EQ(AlertOf("a", "minerals/y").state, AlertState::kFiring);
}

TEST_F(ReconcilerTest, DisablingResolvesAndEnablingRaisesAgain) {
  Put(MakeRule("a", 5000));
  Apply({Score("minerals/x", 8000, 1)});
  Rule disabled = MakeRule("a", 5000);
  disabled.disabled = true;
  EXPECT_THAT(ReasonsOf(Put(disabled)), ElementsAre(Reason::kRuleDisabled));
  EXPECT_THAT(Apply({Score("minerals/x", 9000, 2)}).transitions, IsEmpty());
  EXPECT_THAT(ReasonsOf(Put(MakeRule("a", 5000))), ElementsAre(Reason::kRuleChanged));
  EXPECT_EQ(AlertOf("a", "minerals/x").state, AlertState::kFiring);
}

TEST_F(ReconcilerTest, ANewSeverityIsSaidOfLiveAlerts) {
  Put(MakeRule("a", 5000));
  Apply({Score("minerals/x", 8000, 1)});
  Rule urgent = MakeRule("a", 5000);
  urgent.severity = Severity::kCritical;
  const Changes changes = Put(urgent);
  EXPECT_THAT(ReasonsOf(changes), ElementsAre(Reason::kSeverityRaised));
  EXPECT_EQ(changes.transitions[0].kind, EntryKind::kSeverityChanged);
  EXPECT_EQ(changes.transitions[0].from, AlertState::kFiring);
  EXPECT_EQ(AlertOf("a", "minerals/x").severity, Severity::kCritical);
  EXPECT_THAT(changes.alerts, SizeIs(1));
}

TEST_F(ReconcilerTest, DeletingARuleEndsItsAlertsAndNoOthers) {
  Put(MakeRule("a", 5000));
  Put(MakeRule("a-longer", 5000));
  Put(MakeRule("p", 5000, 5));
  Apply({Score("minerals/x", 8000, 1)});
  EXPECT_THAT(ReasonsOf(Delete("a")), ElementsAre(Reason::kRuleDeleted));
  EXPECT_EQ(AlertOf("a-longer", "minerals/x").state, AlertState::kFiring);
  EXPECT_THAT(ReasonsOf(Delete("p")), ElementsAre(Reason::kRuleDeleted));
  EXPECT_EQ(AlertOf("p", "minerals/x").state, AlertState::kInactive);
  EXPECT_FALSE(world_.rules.contains("a"));
}

TEST_F(ReconcilerTest, TheTimelineOfAnAlertThatHeld) {
  Put(MakeRule("p", 5000, 2));
  now_ += absl::Seconds(30);
  const absl::Time met = now_;
  EXPECT_THAT(ReasonsOf(Apply({Score("minerals/x", 8000, 1)})), ElementsAre(Reason::kConditionMet));
  EXPECT_THAT(Tick().transitions, IsEmpty());
  EXPECT_THAT(Tick().transitions, IsEmpty());
  EXPECT_THAT(ReasonsOf(Tick()), ElementsAre(Reason::kHeld));
  const Alert& alert = AlertOf("p", "minerals/x");
  EXPECT_EQ(alert.pending_time, met);
  EXPECT_EQ(alert.fire_time, TimeOf(1003));
  Apply({Score("minerals/x", 1000, 2)});
  EXPECT_EQ(alert.state, AlertState::kFiring);
  EXPECT_THAT(ReasonsOf(Tick()), ElementsAre(Reason::kConditionCleared));
  EXPECT_EQ(AlertOf("p", "minerals/x").resolve_time, TimeOf(1004));
}

TEST_F(ReconcilerTest, ATickIsEvaluatedOnce) {
  Tick();
  Reconciler step(world_, now_);
  EXPECT_FALSE(step.AdvanceGrid());
}

TEST_F(ReconcilerTest, AClockThatGoesBackIsWaitedFor) {
  Tick();
  Reconciler step(world_, now_ - absl::Hours(1));
  EXPECT_FALSE(step.AdvanceGrid());
}

TEST_F(ReconcilerTest, AlertIdsDependOnTheirKeyAlone) {
  Alert alert;
  alert.key = {.rule = "a", .score = Key("minerals/x")};
  Alert other = alert;
  other.state = AlertState::kFiring;
  EXPECT_EQ(alert.Id(), other.Id());
  other.key.score.stage = 1;
  EXPECT_NE(alert.Id(), other.Id());
}

// What another program must compute, too.
TEST(AlertId, IsAnAgreedDigest) {
  EXPECT_EQ((Alert{.key = {.rule = "high", .score = {"minerals/cobalt", 3, "", 1}}}).Id(),
            "high-965ffb5345bcd45945ad87444bb5b38b");
  EXPECT_EQ((Alert{.key = {.rule = "stocks-2026", .score = {"minerals/lithium", 0, "countries/KR", 10}}}).Id(),
            "stocks-2026-ba74725cf9aca7cf1a271f46f00392c2");
  EXPECT_EQ((Alert{.key = {.rule = "g", .score = {"countries/CD", 0, "", 4}}}).Id(),
            "g-48d6635e15262db846ac1dff710b37b1");
}

}  // namespace
}  // namespace orewatch::alerting
