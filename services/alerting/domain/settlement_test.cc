#include "services/alerting/domain/settlement.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/domain/reconciler.h"

namespace orewatch::alerting {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kHhi = 1;

ScoreKey MineralKey(const std::string& subject) {
  return {.subject = absl::StrCat("minerals/", subject), .stage = 3, .importer = "", .method = kHhi};
}
ScoreKey CountryKey(const std::string& subject) {
  return {.subject = absl::StrCat("countries/", subject), .stage = 0, .importer = "", .method = kCountryGovernance};
}

Rule RuleOver(const std::string& id, int method = kHhi) {
  Rule rule;
  rule.id = id;
  rule.target.method = method;
  rule.condition = Threshold{.raise = 10, .clear = 8};
  rule.severity = Severity::kWarning;
  rule.flapping.transitions = 0;
  return rule;
}

class SettlementTest : public ::testing::Test {
 protected:
  using Words = std::vector<std::string>;

  // What is told: the subject (or the rule) and the reason.
  Words Told(const Changes& changes) {
    Words told;
    for (const Transition& entry : changes.transitions) {
      if (entry.notifies) {
        const std::string& subject = entry.after.key.score.subject;
        told.push_back(absl::StrCat(subject.empty() ? entry.after.key.rule : subject, " ", ReasonName(entry.reason)));
      }
    }
    return told;
  }
  Words Put(const Rule& rule) {
    Reconciler step(world_, now_);
    step.PutRule(rule);
    return Told(step.TakeChanges());
  }
  Words Apply(const std::vector<std::pair<ScoreKey, double>>& scores) { return Told(ApplyAll(scores)); }
  Changes ApplyAll(const std::vector<std::pair<ScoreKey, double>>& scores) {
    ScoreBatch batch;
    batch.revision = {.lineage = "l", .number = ++revision_};
    for (const auto& [key, value] : scores) {
      batch.scores.push_back({.key = key, .value = value, .revision = revision_});
      batch.scores.back().top_country = top_country_;
    }
    Reconciler step(world_, now_);
    step.AdvanceGrid();
    step.ApplyScores(batch);
    return step.TakeChanges();
  }
  Words Pass(absl::Duration time) {
    now_ += time;
    Reconciler step(world_, now_);
    step.AdvanceGrid();
    return Told(step.TakeChanges());
  }
  const Alert& AlertOf(const std::string& rule, const ScoreKey& key) {
    return world_.alerts.at({.rule = rule, .score = key});
  }

  World world_;
  absl::Time now_ = TimeOf(1000);
  int64_t revision_ = 0;
  std::string top_country_;
};

TEST_F(SettlementTest, ALimitKeepsWhatFiresAndSaysThatMoreWould) {
  Rule rule = RuleOver("r");
  rule.max_alerts = 1;
  Put(rule);
  EXPECT_THAT(Apply({{MineralKey("b"), 10}}), ElementsAre("minerals/b CONDITION_MET"));
  EXPECT_THAT(Apply({{MineralKey("a"), 10}}), ElementsAre("r TOO_MANY_ALERTS"));
  EXPECT_EQ(AlertOf("r", MineralKey("a")).state, AlertState::kPending);
  EXPECT_TRUE(AlertOf("r", MineralKey("a")).held_back);
  EXPECT_EQ(AlertOf("r", {}).value, 1);
  EXPECT_THAT(Apply({{MineralKey("b"), 1}}),
              ElementsAre("minerals/b CONDITION_CLEARED", "minerals/a CONDITION_MET", "r CONDITION_CLEARED"));
}

TEST_F(SettlementTest, ALimitThatIsLiftedLetsAllFire) {
  Rule rule = RuleOver("r");
  rule.max_alerts = 1;
  Put(rule);
  Apply({{MineralKey("a"), 10}, {MineralKey("b"), 10}});
  rule.max_alerts = 0;
  EXPECT_THAT(Put(rule), ElementsAre("minerals/b RULE_CHANGED", "r CONDITION_CLEARED"));
}

TEST_F(SettlementTest, AFiringAlertAboutTheSameCountryMutesUntilItEnds) {
  Put(RuleOver("parent", kCountryGovernance));
  Rule child = RuleOver("child");
  child.inhibited_by = {"parent"};
  Put(child);
  top_country_ = "CD";
  Apply({{CountryKey("CD"), 10}});
  EXPECT_THAT(Apply({{MineralKey("a"), 10}}), IsEmpty());
  const Alert& muted = AlertOf("child", MineralKey("a"));
  EXPECT_EQ(muted.state, AlertState::kFiring);
  EXPECT_EQ(muted.inhibited_by, (AlertKey{"parent", CountryKey("CD")}));
  EXPECT_THAT(Apply({{CountryKey("CD"), 1}}), ElementsAre("countries/CD CONDITION_CLEARED", "minerals/a UNMUTED"));
}

TEST_F(SettlementTest, WhatEndsWhileItIsMutedWasNeverTold) {
  Put(RuleOver("parent", kCountryGovernance));
  Rule child = RuleOver("child");
  child.inhibited_by = {"parent"};
  Put(child);
  top_country_ = "CD";
  Apply({{CountryKey("CD"), 10}, {MineralKey("a"), 10}});
  EXPECT_THAT(Apply({{MineralKey("a"), 1}}), IsEmpty());
  EXPECT_EQ(AlertOf("child", MineralKey("a")).state, AlertState::kResolved);
}

TEST_F(SettlementTest, AnAlertThatOthersMayNotSeeMutesNoneOfTheirs) {
  Rule parent = RuleOver("parent", kCountryGovernance);
  parent.visibility = {.owner = "ann", .readers = {}};
  Put(parent);
  Rule child = RuleOver("child");
  child.inhibited_by = {"parent"};
  Put(child);
  Rule own = RuleOver("own");
  own.inhibited_by = {"parent"};
  own.visibility = parent.visibility;
  Put(own);
  top_country_ = "CD";
  Apply({{CountryKey("CD"), 10}, {MineralKey("a"), 10}});
  EXPECT_FALSE(AlertOf("child", MineralKey("a")).Muted());
  EXPECT_TRUE(AlertOf("own", MineralKey("a")).Muted());
}

TEST_F(SettlementTest, WhatIsSnoozedAndMutedIsToldWhenBothAreOver) {
  Put(RuleOver("parent", kCountryGovernance));
  Rule child = RuleOver("child");
  child.inhibited_by = {"parent"};
  Put(child);
  top_country_ = "CD";
  Apply({{CountryKey("CD"), 10}, {MineralKey("a"), 10}});
  Reconciler step(world_, now_);
  step.ActOn({"child", MineralKey("a")},
             {.kind = Action::Kind::kSnooze, .principal = "ann", .text = "", .expire_time = now_ + absl::Minutes(2)});
  step.TakeChanges();
  EXPECT_THAT(Apply({{CountryKey("CD"), 1}}), ElementsAre("countries/CD CONDITION_CLEARED"));
  now_ += absl::Minutes(2);
  Reconciler later(world_, now_);
  later.ExpireAttention();
  const Changes changes = later.TakeChanges();
  ASSERT_EQ(changes.transitions.size(), 1);
  EXPECT_EQ(changes.transitions[0].kind, EntryKind::kSnoozeEnded);
  EXPECT_TRUE(changes.transitions[0].notifies);
}

TEST_F(SettlementTest, ASilenceThatWasResolvedByHandStaysSoUntilItIsOver) {
  Rule silence = RuleOver("silence");
  silence.target = {};
  silence.condition = SilentInput{.longer_than = absl::Minutes(10)};
  Put(silence);
  const auto pass = [&] {
    now_ += absl::Minutes(11);
    Reconciler step(world_, now_);
    step.LoseInput();
    step.AdvanceSilence();
    return step.TakeChanges().transitions.size();
  };
  pass();
  EXPECT_EQ(pass(), 1);
  Reconciler step(world_, now_);
  step.ActOn({"silence", ScoreKey()}, {.kind = Action::Kind::kResolve, .principal = "ann", .text = "known"});
  step.TakeChanges();
  EXPECT_EQ(pass(), 0);
  Apply({});
  EXPECT_FALSE(AlertOf("silence", ScoreKey()).resolved_by_hand);
  pass();
  EXPECT_EQ(pass(), 1);
}

TEST_F(SettlementTest, OrderWithinARevisionDoesNotDecideWhoIsMuted) {
  Rule child = RuleOver("a-child");
  child.inhibited_by = {"parent"};
  Put(child);
  Put(RuleOver("parent", kCountryGovernance));
  top_country_ = "CD";
  EXPECT_THAT(Apply({{MineralKey("a"), 10}, {CountryKey("CD"), 10}}), ElementsAre("countries/CD CONDITION_MET"));
}

TEST_F(SettlementTest, ANewSubjectIsToldWhenItsGraceIsOver) {
  Rule rule = RuleOver("r");
  rule.new_subject_grace = absl::Minutes(5);
  Put(rule);
  EXPECT_THAT(Apply({{MineralKey("a"), 10}}), IsEmpty());
  EXPECT_EQ(AlertOf("r", MineralKey("a")).quiet_until, now_ + absl::Minutes(5));
  EXPECT_THAT(Pass(absl::Minutes(4)), IsEmpty());
  EXPECT_THAT(Pass(absl::Minutes(1)), ElementsAre("minerals/a UNMUTED"));
  EXPECT_THAT(Apply({{MineralKey("a"), 1}}), ElementsAre("minerals/a CONDITION_CLEARED"));
  EXPECT_THAT(Apply({{MineralKey("a"), 10}}), ElementsAre("minerals/a CONDITION_MET")) << "it is no longer new";
}

TEST_F(SettlementTest, WithoutAGraceANewSubjectIsToldAtOnce) {
  Put(RuleOver("r"));
  Pass(kTick);
  now_ += absl::Seconds(1);
  EXPECT_THAT(Apply({{MineralKey("a"), 10}}), ElementsAre("minerals/a CONDITION_MET"));
}

TEST_F(SettlementTest, FlappingIsToldOnceAndThenWhatItCameTo) {
  Rule rule = RuleOver("r");
  rule.flapping = {.transitions = 4, .window = absl::Minutes(10)};
  Put(rule);
  EXPECT_THAT(Apply({{MineralKey("a"), 10}}), ElementsAre("minerals/a CONDITION_MET"));
  EXPECT_THAT(Apply({{MineralKey("a"), 1}}), ElementsAre("minerals/a CONDITION_CLEARED"));
  EXPECT_THAT(Apply({{MineralKey("a"), 10}}), ElementsAre("minerals/a CONDITION_MET"));
  EXPECT_THAT(Apply({{MineralKey("a"), 1}}), ElementsAre("minerals/a FLAPPING_BEGAN"));
  EXPECT_THAT(Apply({{MineralKey("a"), 10}}), IsEmpty());
  EXPECT_EQ(AlertOf("r", MineralKey("a")).state, AlertState::kFiring) << "the state goes on";
  EXPECT_THAT(Pass(absl::Minutes(9)), IsEmpty());
  EXPECT_THAT(Pass(absl::Minutes(1)), ElementsAre("minerals/a FLAPPING_ENDED"));
  EXPECT_FALSE(AlertOf("r", MineralKey("a")).flapping);
}

TEST_F(SettlementTest, AnEditThatAsksForFewerChangesFindsFlapping) {
  Rule rule = RuleOver("r");
  rule.flapping = {.transitions = 5, .window = absl::Minutes(10)};
  Put(rule);
  for (const double value : {10, 1, 10, 1}) {
    Apply({{MineralKey("a"), value}});
  }
  rule.flapping.transitions = 2;
  Put(rule);
  EXPECT_THAT(Apply({{MineralKey("a"), 10}}), ElementsAre("minerals/a FLAPPING_BEGAN"));
}

TEST_F(SettlementTest, ManyAlertsOfOneRevisionAreToldAsOne) {
  Rule rule = RuleOver("r");
  rule.digest_above = 2;
  Put(rule);
  const Changes changes = ApplyAll({{MineralKey("a"), 10}, {MineralKey("b"), 10}, {MineralKey("c"), 10}});
  EXPECT_THAT(Told(changes), ElementsAre("minerals/a DIGEST"));
  const Transition& digest = changes.transitions.back();
  EXPECT_EQ(digest.digest_size, 3);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(changes.transitions[i].digest_of, digest.after.sequence);
  }
  EXPECT_THAT(Apply({{MineralKey("a"), 1}}), ElementsAre("minerals/a CONDITION_CLEARED")) << "it has been told";
}

TEST_F(SettlementTest, ManyAlertsOfOneCauseAreToldAsOneWhateverTheirRules) {
  Rule first = RuleOver("r");
  first.digest_above = 2;
  Rule second = RuleOver("s");
  second.digest_above = 3;
  Rule for_operators = RuleOver("t");
  for_operators.audience = Audience::kPlatform;
  Rule private_rule = RuleOver("u");
  private_rule.visibility.owner = "alice";
  for (const Rule& rule : {first, second, for_operators, private_rule}) {
    Put(rule);
  }
  EXPECT_THAT(Told(ApplyAll({{MineralKey("a"), 10}})), SizeIs(4)) << "two of each two are not many";
  const Changes changes = ApplyAll({{MineralKey("b"), 10}, {MineralKey("c"), 10}});
  EXPECT_THAT(Told(changes), SizeIs(1 + 2 + 2));
  const auto digest = std::find_if(changes.transitions.begin(), changes.transitions.end(),
                                   [](const Transition& entry) { return entry.kind == EntryKind::kDigest; });
  ASSERT_NE(digest, changes.transitions.end());
  EXPECT_EQ(digest->digest_size, 4) << "the two of r and the two of s";
}

TEST_F(SettlementTest, ASeverityIsToldAsItRises) {
  Rule rule = RuleOver("r");
  rule.levels = {{.severity = Severity::kCritical, .raise = 20, .clear = 15}};
  Put(rule);
  Apply({{MineralKey("a"), 10}});
  EXPECT_THAT(Apply({{MineralKey("a"), 20}}), ElementsAre("minerals/a SEVERITY_RAISED"));
  const Changes fallen = ApplyAll({{MineralKey("a"), 12}});
  ASSERT_EQ(fallen.transitions.size(), 1);
  EXPECT_EQ(fallen.transitions[0].reason, Reason::kSeverityLowered);
  EXPECT_FALSE(fallen.transitions[0].notifies);
  EXPECT_FALSE(fallen.transitions[0].ChangesState());
}

TEST_F(SettlementTest, SilenceIsShownAlertedAndEndsNothing) {
  Put(RuleOver("r"));
  Rule silent = RuleOver("s", 0);
  silent.condition = SilentInput{.longer_than = absl::Minutes(15)};
  Put(silent);
  Apply({{MineralKey("a"), 10}});
  const auto be_silent = [&](absl::Duration time) {
    now_ += time;
    Reconciler step(world_, now_);
    step.LoseInput();
    step.AdvanceSilence();
    return Told(step.TakeChanges());
  };
  EXPECT_THAT(be_silent(absl::ZeroDuration()), IsEmpty());
  EXPECT_THAT(be_silent(absl::Minutes(5)), IsEmpty());
  EXPECT_TRUE(AlertOf("r", MineralKey("a")).stale_input);
  EXPECT_THAT(be_silent(absl::Minutes(10)), ElementsAre("s INPUT_SILENT"));
  EXPECT_THAT(be_silent(absl::Hours(24)), IsEmpty());
  EXPECT_EQ(AlertOf("r", MineralKey("a")).state, AlertState::kFiring);
  EXPECT_THAT(Apply({{MineralKey("a"), 11}}), ElementsAre("s CONDITION_CLEARED"));
  EXPECT_FALSE(AlertOf("r", MineralKey("a")).stale_input);
}

TEST_F(SettlementTest, MOfNCountsTheLastTicks) {
  Rule rule = RuleOver("r");
  rule.m_of_n = {.m = 2, .n = 3};
  Put(rule);
  now_ += absl::Seconds(1);
  Apply({{MineralKey("a"), 10}});
  EXPECT_THAT(Pass(kTick), IsEmpty());
  Apply({{MineralKey("a"), 9}});
  EXPECT_THAT(Pass(kTick), IsEmpty());
  EXPECT_EQ(AlertOf("r", MineralKey("a")).state, AlertState::kPending);
  Apply({{MineralKey("a"), 10}});
  EXPECT_THAT(Pass(kTick), ElementsAre("minerals/a HELD"));
}

TEST_F(SettlementTest, AnAlertIsKeptFiringForATime) {
  Rule rule = RuleOver("r");
  rule.keep_firing = absl::Minutes(2);
  Put(rule);
  Apply({{MineralKey("a"), 10}});
  Apply({{MineralKey("a"), 1}});
  EXPECT_THAT(Pass(kTick), IsEmpty());
  Apply({{MineralKey("a"), 9}});
  EXPECT_THAT(Pass(2 * kTick), IsEmpty()) << "it had not stayed clear";
  Apply({{MineralKey("a"), 1}});
  EXPECT_THAT(Pass(kTick), IsEmpty());
  EXPECT_THAT(Pass(kTick), ElementsAre("minerals/a CONDITION_CLEARED"));
}

TEST_F(SettlementTest, ACauseThatDoesNotCountRaisesNothingAndKeepsNothing) {
  Rule rule = RuleOver("r");
  rule.causes = {1};
  Put(rule);
  const auto apply = [&](double value, int cause) {
    ScoreBatch batch;
    batch.revision = {.lineage = "l", .number = ++revision_};
    batch.scores = {{.key = MineralKey("a"), .value = value, .revision = revision_}};
    batch.scores[0].cause = cause;
    Reconciler step(world_, now_);
    step.ApplyScores(batch);
    return Told(step.TakeChanges());
  };
  EXPECT_THAT(apply(20, 4), IsEmpty());
  EXPECT_THAT(apply(21, 1), ElementsAre("minerals/a CONDITION_MET"));
  EXPECT_THAT(apply(22, 4), IsEmpty());
  EXPECT_THAT(apply(1, 4), ElementsAre("minerals/a CONDITION_CLEARED"));
}

}  // namespace
}  // namespace orewatch::alerting
