#include "services/alerting/domain/state_machine.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

using ::testing::Eq;
using ::testing::Optional;

// Raised at 10, cleared below 8.
Rule RuleThatHolds(int minutes) {
  Rule rule;
  rule.id = std::string("r");
  rule.target.method = 1;
  rule.condition = Threshold{.raise = 10, .clear = 8};
  rule.hold = absl::Minutes(minutes);
  return rule;
}

Finding FindingOf(const Rule& rule, std::optional<double> value) {
  return Evaluate(rule, ScoreValue{.key = {}, .value = value}, 0);
}
std::optional<Reason> AtRevision(const Rule& rule, std::optional<double> value, absl::Time now, Alert& alert) {
  return AtRevision(rule, FindingOf(rule, value), now, alert);
}
std::optional<Reason> AtTick(const Rule& rule, std::optional<double> value, int64_t tick, Alert& alert) {
  return AtTick(rule, FindingOf(rule, value), tick, alert);
}
std::optional<Reason> AtRuleChange(const Rule& rule, std::optional<double> value, absl::Time now, Alert& alert) {
  return AtRuleChange(rule, FindingOf(rule, value), now, alert);
}

constexpr int64_t kStart = 1000;
constexpr absl::Duration kLater = absl::Seconds(20);

TEST(StateMachineTest, WithoutADurationItFiresAtOnceAtTheThreshold) {
  Alert alert;
  EXPECT_THAT(AtRevision(RuleThatHolds(0), 9.999, TimeOf(kStart), alert), Eq(std::nullopt));
  EXPECT_THAT(AtRevision(RuleThatHolds(0), 10, TimeOf(kStart), alert), Optional(Reason::kConditionMet));
  EXPECT_EQ(alert.state, AlertState::kFiring);
}

TEST(StateMachineTest, BetweenTheThresholdsTheStateIsKept) {
  Alert alert;
  AtRevision(RuleThatHolds(0), 10, TimeOf(kStart), alert);
  EXPECT_THAT(AtRevision(RuleThatHolds(0), 8, TimeOf(kStart), alert), Eq(std::nullopt));
  EXPECT_EQ(alert.state, AlertState::kFiring);
  EXPECT_THAT(AtRevision(RuleThatHolds(0), 7.9, TimeOf(kStart), alert), Optional(Reason::kConditionCleared));
  EXPECT_THAT(AtRevision(RuleThatHolds(0), 9, TimeOf(kStart), alert), Eq(std::nullopt));
  EXPECT_EQ(alert.state, AlertState::kResolved);
}

TEST(StateMachineTest, AnUnsetValueNeverResolves) {
  Alert alert;
  AtRevision(RuleThatHolds(0), 10, TimeOf(kStart), alert);
  EXPECT_THAT(AtRevision(RuleThatHolds(0), std::nullopt, TimeOf(kStart), alert), Eq(std::nullopt));
  EXPECT_EQ(alert.state, AlertState::kFiring);
}

TEST(StateMachineTest, AnAlertIsPendingAtOnceAndFiresAfterTheDuration) {
  const Rule rule = RuleThatHolds(2);
  Alert alert;
  EXPECT_THAT(AtRevision(rule, 10, TimeOf(kStart) + kLater, alert), Optional(Reason::kConditionMet));
  EXPECT_EQ(alert.state, AlertState::kPending);
  // Two minutes from the first tick that saw it, which is never less than two minutes.
  EXPECT_THAT(AtTick(rule, 10, kStart + 1, alert), Eq(std::nullopt));
  EXPECT_THAT(AtTick(rule, 10, kStart + 2, alert), Eq(std::nullopt));
  EXPECT_THAT(AtTick(rule, 10, kStart + 3, alert), Optional(Reason::kHeld));
  EXPECT_EQ(alert.state, AlertState::kFiring);
}

TEST(StateMachineTest, AConditionThatBeginsOnATickCountsThatTick) {
  const Rule rule = RuleThatHolds(2);
  Alert alert;
  AtRevision(rule, 10, TimeOf(kStart), alert);
  EXPECT_THAT(AtTick(rule, 10, kStart + 1, alert), Eq(std::nullopt));
  EXPECT_THAT(AtTick(rule, 10, kStart + 2, alert), Optional(Reason::kHeld));
}

TEST(StateMachineTest, OneTickBelowTheThresholdBreaksTheWindow) {
  const Rule rule = RuleThatHolds(2);
  Alert alert;
  AtRevision(rule, 10, TimeOf(kStart), alert);
  AtTick(rule, 10, kStart + 1, alert);
  EXPECT_THAT(AtTick(rule, 9, kStart + 2, alert), Optional(Reason::kConditionCleared));
  EXPECT_EQ(alert.state, AlertState::kInactive);
}

TEST(StateMachineTest, WhatHappensBetweenTicksDoesNotCount) {
  const Rule rule = RuleThatHolds(1);
  Alert alert;
  AtRevision(rule, 10, TimeOf(kStart), alert);
  AtRevision(rule, 1, TimeOf(kStart) + kLater, alert);
  EXPECT_EQ(alert.state, AlertState::kPending);
  AtRevision(rule, 10, TimeOf(kStart) + 2 * kLater, alert);
  EXPECT_THAT(AtTick(rule, 10, kStart + 1, alert), Optional(Reason::kHeld));
  AtRevision(rule, 1, TimeOf(kStart + 1) + kLater, alert);
  EXPECT_EQ(alert.state, AlertState::kFiring);
  EXPECT_THAT(AtTick(rule, 1, kStart + 2, alert), Optional(Reason::kConditionCleared));
}

TEST(StateMachineTest, TicksWithoutAValueDoNotCount) {
  const Rule rule = RuleThatHolds(2);
  Alert alert;
  AtRevision(rule, 10, TimeOf(kStart), alert);
  AtTick(rule, 10, kStart + 1, alert);
  // Skipped ticks without a value do not count either.
  EXPECT_THAT(AtTick(rule, std::nullopt, kStart + 5, alert), Eq(std::nullopt));
  EXPECT_EQ(alert.state, AlertState::kPending);
  EXPECT_THAT(AtTick(rule, 10, kStart + 6, alert), Optional(Reason::kHeld));
}

TEST(StateMachineTest, RepeatingATickChangesNothing) {
  const Rule rule = RuleThatHolds(2);
  Alert alert;
  AtRevision(rule, 10, TimeOf(kStart), alert);
  AtTick(rule, 10, kStart + 1, alert);
  const Alert before = alert;
  EXPECT_THAT(AtTick(rule, 10, kStart + 1, alert), Eq(std::nullopt));
  EXPECT_THAT(AtTick(rule, std::nullopt, kStart + 1, alert), Eq(std::nullopt));
  EXPECT_EQ(alert, before);
}

TEST(StateMachineTest, SkippedTicksAreTakenToHaveHadTheValue) {
  const Rule rule = RuleThatHolds(5);
  Alert alert;
  AtRevision(rule, 10, TimeOf(kStart), alert);
  EXPECT_THAT(AtTick(rule, 10, kStart + 9, alert), Optional(Reason::kHeld));
}

TEST(StateMachineTest, AStricterRuleEndsWhatItWouldNotSustain) {
  Alert pending;
  AtRevision(RuleThatHolds(2), 10, TimeOf(kStart), pending);
  Rule stricter = RuleThatHolds(2);
  stricter.condition = Threshold{.raise = 20, .clear = 15};
  EXPECT_THAT(AtRuleChange(stricter, 10, TimeOf(kStart), pending), Optional(Reason::kConditionCleared));
  EXPECT_EQ(pending.state, AlertState::kInactive);

  Alert firing;
  firing.state = AlertState::kFiring;
  EXPECT_THAT(AtRuleChange(stricter, 16, TimeOf(kStart), firing), Eq(std::nullopt));
  EXPECT_THAT(AtRuleChange(stricter, 14, TimeOf(kStart), firing), Optional(Reason::kConditionCleared));
  EXPECT_EQ(firing.state, AlertState::kResolved);
}

TEST(StateMachineTest, ARuleThatNoLongerWaitsFiresAtOnce) {
  Alert alert;
  AtRevision(RuleThatHolds(2), 10, TimeOf(kStart), alert);
  EXPECT_TRUE(AtRuleChange(RuleThatHolds(0), 10, TimeOf(kStart), alert).has_value());
  EXPECT_EQ(alert.state, AlertState::kFiring);
}

TEST(StateMachineTest, EndingLeavesWhatIsOverAlone) {
  Alert alert;
  EXPECT_FALSE(End(alert));
  alert.state = AlertState::kPending;
  EXPECT_TRUE(End(alert));
  EXPECT_EQ(alert.state, AlertState::kInactive);
  alert.state = AlertState::kFiring;
  EXPECT_TRUE(End(alert));
  EXPECT_EQ(alert.state, AlertState::kResolved);
  EXPECT_FALSE(End(alert));
}

}  // namespace
}  // namespace orewatch::alerting
