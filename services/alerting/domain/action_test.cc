#include "services/alerting/domain/action.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/domain/reconciler.h"

namespace orewatch::alerting {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ActionTest : public ::testing::Test {
 protected:
  ActionTest() {
    rule_.id = "r";
    rule_.target.method = 1;
    rule_.condition = Threshold{.raise = 5000, .clear = 4500};
    rule_.severity = Severity::kWarning;
    Put(rule_);
    Score(6000);
  }

  Changes Put(const Rule& rule) {
    Reconciler step(world_, now_);
    step.PutRule(rule);
    return step.TakeChanges();
  }
  Changes Score(std::optional<double> value) {
    ScoreBatch batch;
    batch.revision.number = ++revision_;
    if (value.has_value()) {
      batch.scores.push_back({.key = key_, .value = value, .revision = revision_});
    } else {
      batch.removed.push_back(key_);
    }
    Reconciler step(world_, now_);
    step.ApplyScores(batch);
    return step.TakeChanges();
  }
  Changes Do(const Action& action) {
    EXPECT_EQ(RefusalOf(action, now_, alert()), std::nullopt);
    Reconciler step(world_, now_);
    step.ActOn({"r", key_}, action);
    return step.TakeChanges();
  }
  // To a time, as the ticker of the grid does; scores are away.
  Changes PassTo(absl::Time time) {
    now_ = time;
    Reconciler step(world_, now_);
    step.ExpireAttention();
    return step.TakeChanges();
  }
  const Alert& alert() { return world_.alerts.at({"r", key_}); }
  static Action Acknowledge() { return {.kind = Action::Kind::kAcknowledge, .principal = "ann", .text = "on it"}; }
  Action SnoozeFor(absl::Duration time) const {
    return {.kind = Action::Kind::kSnooze, .principal = "ann", .text = "", .expire_time = now_ + time};
  }
  static Action Resolve() { return {.kind = Action::Kind::kResolve, .principal = "ann", .text = "known"}; }
  static std::vector<EntryKind> KindsOf(const Changes& changes) {
    std::vector<EntryKind> kinds;
    for (const TimelineEntry& entry : changes.transitions) {
      kinds.push_back(entry.kind);
    }
    return kinds;
  }

  const ScoreKey key_{"minerals/tin", 3, "", 1};
  World world_;
  Rule rule_;
  absl::Time now_ = TimeOf(1000);
  int64_t revision_ = 0;
};

TEST_F(ActionTest, AnAcknowledgementMutesForADay) {
  const Changes changes = Do(Acknowledge());
  ASSERT_THAT(changes.transitions, SizeIs(1));
  const TimelineEntry& entry = changes.transitions[0];
  EXPECT_EQ(entry.kind, EntryKind::kAcknowledged);
  EXPECT_EQ(entry.principal, "ann");
  EXPECT_EQ(entry.text, "on it");
  EXPECT_EQ(entry.from, AlertState::kFiring);
  EXPECT_EQ(entry.after, alert());
  EXPECT_FALSE(entry.notifies);
  EXPECT_EQ(alert().state, AlertState::kFiring);
  EXPECT_TRUE(alert().Muted());
  EXPECT_EQ(alert().acknowledgement->expire_time, now_ + absl::Hours(24));
  EXPECT_THAT(changes.alerts, ElementsAre(alert()));
}

TEST_F(ActionTest, ThePolicyIsOfTheSeverity) {
  Action action = Acknowledge();
  action.policy.warning = absl::Hours(2);
  Do(action);
  EXPECT_EQ(alert().acknowledgement->expire_time, now_ + absl::Hours(2));
  EXPECT_EQ(alert().acknowledgement->remind_time, now_ + absl::Minutes(90));
}

TEST_F(ActionTest, AnAcknowledgementIsBroughtToMindAndThenExpiresOnTheGrid) {
  const absl::Time start = now_;
  Do(Acknowledge());
  EXPECT_THAT(PassTo(start + absl::Hours(22)).transitions, IsEmpty());
  const Changes reminder = PassTo(start + absl::Hours(23) + absl::Seconds(5));
  ASSERT_THAT(KindsOf(reminder), ElementsAre(EntryKind::kReminded));
  EXPECT_TRUE(reminder.transitions[0].notifies);
  EXPECT_EQ(reminder.transitions[0].time, start + absl::Hours(23));
  EXPECT_TRUE(alert().Muted());
  EXPECT_THAT(PassTo(start + absl::Hours(23) + absl::Minutes(30)).transitions, IsEmpty());
  const Changes expiry = PassTo(start + absl::Hours(24) + absl::Seconds(59));
  ASSERT_THAT(KindsOf(expiry), ElementsAre(EntryKind::kAcknowledgementEnded));
  EXPECT_EQ(expiry.transitions[0].reason, Reason::kExpired);
  EXPECT_EQ(expiry.transitions[0].time, start + absl::Hours(24));
  EXPECT_TRUE(expiry.transitions[0].notifies);
  EXPECT_FALSE(alert().Muted());
  EXPECT_THAT(PassTo(now_ + absl::Hours(1)).transitions, IsEmpty());
}

TEST_F(ActionTest, ARiseOfSeverityEndsAnAcknowledgementAndIsToldOnce) {
  Do(Acknowledge());
  rule_.severity = Severity::kCritical;
  const Changes changes = Put(rule_);
  ASSERT_THAT(KindsOf(changes), ElementsAre(EntryKind::kSeverityChanged, EntryKind::kAcknowledgementEnded));
  EXPECT_TRUE(changes.transitions[0].notifies);
  EXPECT_FALSE(changes.transitions[1].notifies);
  EXPECT_EQ(changes.transitions[1].reason, Reason::kSeverityRose);
  EXPECT_FALSE(alert().Muted());
}

TEST_F(ActionTest, AFallOfSeverityEndsNoAcknowledgement) {
  Do(Acknowledge());
  rule_.severity = Severity::kInfo;
  const Changes changes = Put(rule_);
  ASSERT_THAT(KindsOf(changes), ElementsAre(EntryKind::kSeverityChanged));
  EXPECT_FALSE(changes.transitions[0].notifies);
  EXPECT_TRUE(alert().Muted());
}

TEST_F(ActionTest, ASnoozeOutlastsARiseOfSeverity) {
  Do(SnoozeFor(absl::Hours(1)));
  rule_.severity = Severity::kCritical;
  EXPECT_THAT(KindsOf(Put(rule_)), ElementsAre(EntryKind::kSeverityChanged));
  EXPECT_TRUE(alert().Muted());
  const Changes end = PassTo(now_ + absl::Hours(1));
  ASSERT_THAT(KindsOf(end), ElementsAre(EntryKind::kSnoozeEnded));
  EXPECT_TRUE(end.transitions[0].notifies);
}

TEST_F(ActionTest, WhatEndsUnderASnoozeDoesNotUnmuteWhileItIsAcknowledged) {
  Do(Acknowledge());
  Do(SnoozeFor(absl::Hours(1)));
  const Changes end = PassTo(now_ + absl::Hours(1));
  ASSERT_THAT(KindsOf(end), ElementsAre(EntryKind::kSnoozeEnded));
  EXPECT_FALSE(end.transitions[0].notifies);
}

TEST_F(ActionTest, AnAlertThatEndsTakesTheAttentionWithItAndIsTold) {
  Do(Acknowledge());
  Do(SnoozeFor(absl::Hours(1)));
  const Changes end = Score(1000);
  ASSERT_THAT(KindsOf(end), ElementsAre(EntryKind::kStateChanged));
  EXPECT_TRUE(end.transitions[0].notifies);
  EXPECT_FALSE(alert().Muted());
  EXPECT_FALSE(end.transitions[0].after.Muted());
  EXPECT_EQ(alert().resolve_reason, Reason::kConditionCleared);
  EXPECT_EQ(RefusalOf(Acknowledge(), now_, alert()), Refusal::kNotLive);
  EXPECT_EQ(RefusalOf(SnoozeFor(absl::Hours(1)), now_, alert()), Refusal::kNotLive);
}

TEST_F(ActionTest, ASnoozeCanBeEndedByHand) {
  EXPECT_EQ(RefusalOf(SnoozeFor(absl::ZeroDuration()), now_, alert()), Refusal::kNotSnoozed);
  Do(SnoozeFor(absl::Hours(1)));
  const Changes end = Do(SnoozeFor(absl::ZeroDuration()));
  ASSERT_THAT(KindsOf(end), ElementsAre(EntryKind::kSnoozeEnded));
  EXPECT_TRUE(end.transitions[0].notifies);
}

TEST_F(ActionTest, WhatIsResolvedByHandIsRaisedOnlyAfterItHasCleared) {
  const Changes changes = Do(Resolve());
  ASSERT_THAT(KindsOf(changes), ElementsAre(EntryKind::kStateChanged));
  EXPECT_EQ(changes.transitions[0].reason, Reason::kManual);
  EXPECT_EQ(alert().state, AlertState::kResolved);
  EXPECT_EQ(alert().resolve_reason, Reason::kManual);
  EXPECT_EQ(alert().resolve_time, now_);
  EXPECT_THAT(Score(7000).transitions, IsEmpty());
  // Between the thresholds: not raised, not cleared.
  EXPECT_THAT(Score(4700).transitions, IsEmpty());
  EXPECT_THAT(Score(7000).transitions, IsEmpty());
  EXPECT_EQ(alert().value, 7000);
  EXPECT_THAT(Score(4000).transitions, IsEmpty());
  EXPECT_FALSE(alert().resolved_by_hand);
  EXPECT_THAT(Score(6000).transitions, SizeIs(1));
  EXPECT_EQ(alert().state, AlertState::kFiring);
  EXPECT_EQ(alert().resolve_reason, Reason::kNone);
}

TEST_F(ActionTest, WhatIsResolvedByHandIsRaisedWhenItsSubjectComesBack) {
  Do(Resolve());
  Score(std::nullopt);
  EXPECT_THAT(Score(6000).transitions, SizeIs(1));
}

TEST_F(ActionTest, WhatIsResolvedByHandIsRaisedWhenItsRuleComesBack) {
  Do(Resolve());
  rule_.disabled = true;
  Put(rule_);
  rule_.disabled = false;
  EXPECT_THAT(KindsOf(Put(rule_)), ElementsAre(EntryKind::kStateChanged));
}

TEST_F(ActionTest, CommentsAndAssignmentsNeedNoLiveAlert) {
  Score(1000);
  EXPECT_THAT(KindsOf(Do({.kind = Action::Kind::kComment, .principal = "ann", .text = "why?"})),
              ElementsAre(EntryKind::kCommented));
  EXPECT_THAT(KindsOf(Do({.kind = Action::Kind::kAssign, .principal = "ann", .text = "bob"})),
              ElementsAre(EntryKind::kAssigned));
  EXPECT_EQ(alert().assignee, "bob");
}

TEST_F(ActionTest, EveryEntryChangesTheEtagAndNoValueDoes) {
  const std::string first = EtagOf(alert());
  Score(7000);
  EXPECT_EQ(EtagOf(alert()), first);
  Do({.kind = Action::Kind::kComment, .principal = "ann", .text = "why?"});
  EXPECT_NE(EtagOf(alert()), first);
}

TEST_F(ActionTest, AlertsFollowTheVisibilityOfTheirRuleAndKeepTheLast) {
  EXPECT_TRUE(alert().VisibleTo("bob"));
  rule_.visibility = {.owner = "ann", .readers = {"carol"}};
  EXPECT_THAT(Put(rule_).alerts, SizeIs(1));
  EXPECT_FALSE(alert().VisibleTo("bob"));
  EXPECT_TRUE(alert().VisibleTo("carol"));
  Reconciler step(world_, now_);
  step.DeleteRule("r");
  EXPECT_FALSE(alert().VisibleTo("bob"));
}

}  // namespace
}  // namespace orewatch::alerting
