#include "services/alerting/domain/condition.h"

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/condition_check.h"
#include "services/alerting/domain/evaluation.h"
#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Optional;

ScoreValue ScoreOf(std::optional<double> value) { return {.key = {}, .value = value}; }

// Was `before` from tick 0 on, and is `now` from tick 100 on.
ScoreValue Moved(double before, double now) {
  ScoreValue score = ScoreOf(now);
  score.since = 100;
  score.past = {{.since = 0, .state = {.value = before}}};
  return score;
}

std::vector<std::string> Blamed(const Condition& condition, const std::vector<Level>& levels = {}) {
  std::vector<Violation> violations;
  CheckCondition(condition, Severity::kInfo, levels, violations);
  std::vector<std::string> fields;
  fields.reserve(violations.size());
  for (const Violation& violation : violations) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(ConditionTest, AThresholdHasTwoDirections) {
  Rule rule;
  rule.condition = Threshold{.raise = 60, .clear = 65, .direction = Direction::kDown};
  EXPECT_EQ(Evaluate(rule, ScoreOf(60), 0).verdict, Verdict::kMet);
  EXPECT_EQ(Evaluate(rule, ScoreOf(65), 0).verdict, Verdict::kBetween);
  EXPECT_EQ(Evaluate(rule, ScoreOf(65.1), 0).verdict, Verdict::kCleared);
  EXPECT_EQ(Evaluate(rule, ScoreOf(std::nullopt), 0).verdict, Verdict::kUnknown);
}

TEST(ConditionTest, AChangeIsAgainstTheValueAWindowAgo) {
  const Change change{.raise = 5, .clear = 5, .window = absl::Minutes(10)};
  EXPECT_THAT(TakeMeasure(change, Moved(20, 26), 109).number, Optional(6));
  EXPECT_THAT(TakeMeasure(change, Moved(20, 26), 110).number, Optional(0)) << "the window has passed it";
  EXPECT_THAT(TakeMeasure(change, Moved(20, 14), 105).number, Optional(-6));
  EXPECT_THAT(TakeMeasure(change, ScoreOf(26), 105).number, Optional(0)) << "nothing older is remembered";
}

TEST(ConditionTest, AChangeHasADirectionAndMayBeAShare) {
  Change change{.raise = 0.1, .clear = 0.1, .window = absl::Minutes(10), .relative = true};
  change.direction = Direction::kDown;
  EXPECT_THAT(TakeMeasure(change, Moved(20, 15), 105).number, Optional(0.25));
  change.direction = Direction::kEither;
  EXPECT_THAT(TakeMeasure(change, Moved(-20, -15), 105).number, Optional(0.25));
}

TEST(ConditionTest, AShareOfNothingIsAnErrorAndNoMissingDatum) {
  Rule rule;
  rule.condition = Change{.raise = 0.1, .clear = 0.1, .window = absl::Minutes(10), .relative = true};
  rule.no_data = NoDataPolicy::kFire;
  const Finding finding = Evaluate(rule, Moved(0, 15), 105);
  EXPECT_EQ(finding.verdict, Verdict::kUnknown);
  EXPECT_NE(finding.measurement.error, nullptr);
  EXPECT_THAT(TakeMeasure(rule.condition, Moved(0, 0), 105).number, Optional(0));
}

TEST(ConditionTest, ABandChangesWhereBothAreKnown) {
  const BandChange change{.window = absl::Minutes(10), .direction = Direction::kUp, .at_least = 4};
  ScoreValue score = ScoreOf(1);
  score.since = 100;
  score.band = 4;
  score.past = {{.since = 0, .state = {.band = 2}}};
  EXPECT_THAT(TakeMeasure(change, score, 105).number, Optional(2));
  score.band = 3;
  EXPECT_THAT(TakeMeasure(change, score, 105).number, Optional(0)) << "not bad enough";
  score.band = 0;
  EXPECT_THAT(TakeMeasure(change, score, 105).number, Eq(std::nullopt));
}

TEST(ConditionTest, MissingInputIsAConditionOfItsOwn) {
  Rule rule;
  rule.condition = MissingInput{.worse_than = 1};
  ScoreValue score = ScoreOf(std::nullopt);
  score.certainty.completeness = 3;
  EXPECT_EQ(Evaluate(rule, score, 0).verdict, Verdict::kMet);
  score.certainty.completeness = 1;
  EXPECT_EQ(Evaluate(rule, score, 0).verdict, Verdict::kCleared);
}

TEST(ConditionTest, ThePolicyDecidesWhatMissingDataMean) {
  Rule rule;
  rule.condition = Threshold{.raise = 1, .clear = 1};
  rule.no_data = NoDataPolicy::kFire;
  EXPECT_EQ(Evaluate(rule, ScoreOf(std::nullopt), 0).verdict, Verdict::kMet);
  rule.no_data = NoDataPolicy::kResolve;
  EXPECT_EQ(Evaluate(rule, ScoreOf(std::nullopt), 0).verdict, Verdict::kCleared);
}

TEST(ConditionTest, LevelsHaveHysteresisOfTheirOwn) {
  Rule rule;
  rule.condition = Threshold{.raise = 10, .clear = 8};
  rule.severity = Severity::kInfo;
  rule.levels = {{.severity = Severity::kWarning, .raise = 20, .clear = 15}};
  Alert alert{.key = {}, .state = AlertState::kFiring, .severity = Severity::kInfo};
  EXPECT_EQ(SeverityOf(rule, Evaluate(rule, ScoreOf(19), 0), alert), Severity::kInfo);
  EXPECT_EQ(SeverityOf(rule, Evaluate(rule, ScoreOf(20), 0), alert), Severity::kWarning);
  alert.severity = Severity::kWarning;
  EXPECT_EQ(SeverityOf(rule, Evaluate(rule, ScoreOf(15), 0), alert), Severity::kWarning);
  EXPECT_EQ(SeverityOf(rule, Evaluate(rule, ScoreOf(14), 0), alert), Severity::kInfo);
  EXPECT_EQ(SeverityOf(rule, Evaluate(rule, ScoreOf(std::nullopt), 0), alert), Severity::kWarning);
}

TEST(ConditionTest, ACauseThatDoesNotCountRaisesNoSeverity) {
  Rule rule;
  rule.condition = Threshold{.raise = 10, .clear = 8};
  rule.severity = Severity::kInfo;
  rule.levels = {{.severity = Severity::kWarning, .raise = 20, .clear = 15}};
  rule.causes = {1};
  ScoreValue score = ScoreOf(25);
  score.cause = 4;
  const Alert alert{.key = {}, .state = AlertState::kFiring, .severity = Severity::kInfo};
  EXPECT_EQ(SeverityOf(rule, Evaluate(rule, score, 0), alert), Severity::kInfo);
  score.cause = 0;
  EXPECT_EQ(SeverityOf(rule, Evaluate(rule, score, 0), alert), Severity::kWarning) << "not known may always";
}

TEST(ConditionTest, EachConditionIsChecked) {
  EXPECT_THAT(Blamed(Threshold{.raise = 2, .clear = 1}), IsEmpty());
  EXPECT_THAT(Blamed(Threshold{.raise = 1, .clear = 2}), ElementsAre("threshold.clear"));
  EXPECT_THAT(Blamed(Threshold{.raise = 1, .clear = 2, .direction = Direction::kDown}), IsEmpty());
  EXPECT_THAT(Blamed(Threshold{.raise = 1, .clear = 1, .direction = Direction::kEither}),
              ElementsAre("threshold.direction"));
  EXPECT_THAT(Blamed(Change{.raise = 0, .clear = 0}), ElementsAre("change.raise", "change.clear", "change.window"));
  EXPECT_THAT(Blamed(Change{.raise = 1, .clear = std::numeric_limits<double>::quiet_NaN(), .window = kTick}),
              ElementsAre("change.clear", "change.clear"));
  EXPECT_THAT(Blamed(BandChange{.window = absl::Seconds(1), .at_least = 6}),
              ElementsAre("band_change.window", "band_change.at_least"));
  EXPECT_THAT(Blamed(MissingInput{.worse_than = 3}), ElementsAre("missing_input.worse_than"));
  EXPECT_THAT(Blamed(SilentInput{}), ElementsAre("silent_input.longer_than"));
}

TEST(ConditionTest, LevelsMustGrowWorse) {
  const Threshold threshold{.raise = 10, .clear = 8};
  EXPECT_THAT(Blamed(threshold, {{Severity::kWarning, 20, 15}, {Severity::kCritical, 30, 20}}), IsEmpty());
  EXPECT_THAT(Blamed(threshold, {{Severity::kInfo, 20, 15}}), ElementsAre("levels[0].severity"));
  EXPECT_THAT(Blamed(threshold, {{Severity::kWarning, 10, 8}}), ElementsAre("levels[0].raise"));
  EXPECT_THAT(Blamed(threshold, {{Severity::kWarning, 20, 7}}), ElementsAre("levels[0].raise"));
  EXPECT_THAT(Blamed(MissingInput{.worse_than = 1}, {{Severity::kWarning, 20, 15}}), ElementsAre("levels"));
}

TEST(ScoreHistoryTest, StatesAreRememberedAsFarBackAsARuleLooks) {
  ScoreValue first = ScoreOf(1);
  Succeed(nullptr, TimeOf(100), 10, first);
  ScoreValue second = ScoreOf(2);
  Succeed(&first, TimeOf(105), 10, second);
  EXPECT_THAT(second.StateAt(104).value, Optional(1));
  EXPECT_THAT(second.StateAt(105).value, Optional(2));
  EXPECT_THAT(second.StateAt(50).value, Optional(1)) << "the oldest there is";
  ScoreValue third = ScoreOf(3);
  Succeed(&second, TimeOf(130), 10, third);
  EXPECT_THAT(third.past, ElementsAre(PastState{105, second.State()})) << "it stood when the window began";
  ScoreValue fourth = ScoreOf(4);
  Succeed(&third, TimeOf(131), 0, fourth);
  EXPECT_THAT(fourth.past, IsEmpty());
}

TEST(ScoreHistoryTest, WhatGaveWayBeforeATickNeverStood) {
  ScoreValue first = ScoreOf(1);
  Succeed(nullptr, TimeOf(100), 10, first);
  ScoreValue second = ScoreOf(2);
  Succeed(&first, TimeOf(101) + absl::Seconds(1), 10, second);
  ScoreValue third = ScoreOf(3);
  Succeed(&second, TimeOf(101) + absl::Seconds(2), 10, third);
  EXPECT_THAT(third.StateAt(101).value, Optional(1));
  EXPECT_THAT(third.StateAt(102).value, Optional(3));
}

TEST(ScoreHistoryTest, ACauseThatRiskForgotIsRememberedWhileNothingMoves) {
  ScoreValue first = ScoreOf(1);
  first.cause = 4;
  Succeed(nullptr, TimeOf(100), 0, first);
  ScoreValue again = ScoreOf(1);
  Succeed(&first, TimeOf(200), 0, again);
  EXPECT_EQ(again.cause, 4);
  EXPECT_EQ(again.first_seen, first.first_seen);
  ScoreValue moved = ScoreOf(2);
  Succeed(&first, TimeOf(200), 0, moved);
  EXPECT_EQ(moved.cause, 0);
}

}  // namespace
}  // namespace orewatch::alerting
