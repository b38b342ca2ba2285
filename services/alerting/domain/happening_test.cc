// What happens in the registry, from the facts to the alerts.
#include "services/alerting/domain/happening.h"

#include <algorithm>
#include <string>
#include <utility>
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

constexpr int kClosed = 105;
constexpr int kInForce = 402;
constexpr int kConfirmed = 502;
constexpr int kLapsed = 701;
const absl::Time kStart = TimeOf(28'000'000);

Fact FactOf(const std::string& resource, std::vector<Spell> spells, std::vector<std::string> concerns = {}) {
  return {.resource = resource, .concerns = std::move(concerns), .spells = std::move(spells)};
}

bool Met(const Happening& happening, const Fact& fact, absl::Time time) {
  return MetBy(happening, fact, time) != nullptr;
}

TEST(HappeningTest, AStateIsMetFromItsBeginningToItsEnd) {
  const Fact fact = FactOf("measures/m", {{.state = kInForce, .from = kStart, .until = kStart + absl::Hours(2)}});
  const Happening happening{.states = {kInForce}};
  EXPECT_FALSE(Met(happening, fact, kStart - absl::Nanoseconds(1)));
  EXPECT_TRUE(Met(happening, fact, kStart));
  EXPECT_TRUE(Met(happening, fact, kStart + absl::Hours(2) - absl::Nanoseconds(1)));
  EXPECT_FALSE(Met(happening, fact, kStart + absl::Hours(2)));
  EXPECT_FALSE(Met({.states = {kClosed}}, fact, kStart));
}

TEST(HappeningTest, ItIsMetAheadOfADateAndForAsLongAsItIsHeld) {
  const Fact fact = FactOf("projects/p", {{.state = kLapsed, .from = kStart}});
  const Happening happening{.states = {kLapsed}, .before = absl::Hours(24), .hold = absl::Hours(1)};
  EXPECT_FALSE(Met(happening, fact, kStart - absl::Hours(24) - absl::Nanoseconds(1)));
  EXPECT_TRUE(Met(happening, fact, kStart - absl::Hours(24)));
  EXPECT_TRUE(Met(happening, fact, kStart + absl::Hours(1) - absl::Nanoseconds(1)));
  EXPECT_FALSE(Met(happening, fact, kStart + absl::Hours(1)));
}

TEST(HappeningTest, WhatWasThereBeforeAnybodyLookedHoldsButHasNotHappenedLately) {
  const Fact fact = FactOf("suppliers/s/facilities/f", {{.state = kClosed}});
  EXPECT_TRUE(Met({.states = {kClosed}}, fact, kStart));
  EXPECT_FALSE(Met({.states = {kClosed}, .hold = absl::Hours(24 * 3660)}, fact, kStart));
}

TEST(HappeningTest, ItConcernsWhatItSaysAndNotWhatOthersOfItAreAbout) {
  const Fact event = FactOf(
      "events/e", {{.state = 501, .about = "minerals/tin"}, {.state = kConfirmed, .about = "suppliers/s/facilities/f"}},
      {"countries/CD", "minerals/tin", "suppliers/s", "suppliers/s/facilities/f"});
  for (const char* name : {"events/e", "countries/CD", "suppliers/s/facilities/f", "suppliers/s"}) {
    EXPECT_TRUE(Met({.states = {kConfirmed}, .concerns = {"minerals/zinc", name}}, event, kStart)) << name;
  }
  for (const char* name : {"minerals/tin", "countries/CN"}) {
    EXPECT_FALSE(Met({.states = {kConfirmed}, .concerns = {name}}, event, kStart)) << name;
  }
  EXPECT_EQ(MetBy({.states = {501}}, event, kStart, {.subject = "suppliers/s"}), nullptr);
  EXPECT_EQ(MetBy({.states = {501}}, event, kStart, {.subject = "minerals/tin"})->about, "minerals/tin");
  EXPECT_EQ(MetBy({.states = {501}}, event, kStart, {.subject = "minerals/zinc"}), nullptr);
}

TEST(FactTest, WhatWasSeenBeforeKeepsItsBeginning) {
  Fact first = FactOf("suppliers/s/facilities/f", {{.state = kClosed}});
  Succeed(nullptr, kStart, first);
  EXPECT_EQ(first.spells[0].from, kStart);
  Fact second = FactOf("suppliers/s/facilities/f", {{.state = kClosed}, {.state = kClosed, .about = "smelter"}});
  Succeed(&first, kStart + absl::Hours(1), second);
  EXPECT_EQ(second.spells[0].from, kStart);
  EXPECT_EQ(second.spells[1].from, kStart + absl::Hours(1));
}

TEST(FactTest, WhatAThingComesWithHasNotBegunNow) {
  Fact fact = FactOf("suppliers/s/facilities/f", {{.state = kClosed, .from = absl::InfinitePast()}});
  Succeed(nullptr, kStart, fact);
  EXPECT_EQ(fact.spells[0].from, std::nullopt);
  Fact later = FactOf("suppliers/s/facilities/f", {{.state = kClosed}});
  Succeed(&fact, kStart + absl::Hours(1), later);
  EXPECT_EQ(later.spells[0].from, std::nullopt);
}

TEST(FactTest, AChangeOfOwnersIsRememberedUntilTheNext) {
  const Fact changed = FactOf("suppliers/s", {{.state = kOwnerChanged, .from = kStart}});
  Fact later = FactOf("suppliers/s", {});
  Succeed(&changed, kStart + absl::Hours(1), later);
  EXPECT_EQ(later.spells, changed.spells);
  Fact again = FactOf("suppliers/s", {{.state = kOwnerChanged, .from = kStart + absl::Hours(2)}});
  Succeed(&changed, kStart + absl::Hours(2), again);
  EXPECT_THAT(again.spells, SizeIs(1));
  EXPECT_EQ(again.spells[0].from, kStart + absl::Hours(2));
}

TEST(HappeningCheckTest, NamesTheFieldThatIsWrong) {
  const auto fields = [](const Happening& happening) {
    std::vector<Violation> violations;
    Check(happening, violations);
    std::vector<std::string> names;
    names.reserve(violations.size());
    for (const Violation& violation : violations) {
      names.push_back(violation.field);
    }
    return names;
  };
  EXPECT_THAT(fields({.states = {kClosed, 104}, .concerns = {"minerals/tin"}}), IsEmpty());
  EXPECT_THAT(fields({}), ElementsAre("happening.states"));
  EXPECT_THAT(fields({.states = {0}}), ElementsAre("happening.states"));
  EXPECT_THAT(fields({.states = {kClosed, kInForce}}), ElementsAre("happening.states"));
  EXPECT_THAT(fields({.states = {kClosed, kClosed}}), ElementsAre("happening.states"));
  EXPECT_THAT(fields({.states = {kClosed}, .concerns = {"planets/mars"}}), ElementsAre("happening.concerns"));
  EXPECT_THAT(fields({.states = {kClosed}, .concerns = std::vector<std::string>(101, "minerals/tin")}),
              ElementsAre("happening.concerns"));
  EXPECT_THAT(fields({.states = {kClosed}, .before = -absl::Seconds(1)}), ElementsAre("happening.before"));
  EXPECT_THAT(fields({.states = {kClosed}, .hold = absl::InfiniteDuration()}), ElementsAre("happening.hold"));
  EXPECT_THAT(fields({.states = {kOwnerChanged}}), ElementsAre("happening.hold"));
}

class HappeningAlertTest : public ::testing::Test {
 protected:
  void Put(const Happening& happening, int max_alerts = 0) {
    Rule rule;
    rule.id = "r";
    rule.condition = happening;
    rule.severity = Severity::kWarning;
    rule.max_alerts = max_alerts;
    Reconciler step(world_, now_);
    step.PutRule(rule);
  }
  Changes Apply(std::vector<Fact> facts, std::vector<std::string> removed = {}, bool complete = false) {
    Reconciler step(world_, now_);
    FactBatch batch;
    batch.position.revision = {.lineage = "l", .number = ++revision_};
    batch.commit_time = now_;
    batch.complete = complete;
    batch.facts = std::move(facts);
    batch.removed = std::move(removed);
    EXPECT_TRUE(step.ApplyFacts(batch));
    return step.TakeChanges();
  }
  void TickAfter(absl::Duration passed) {
    now_ += passed;
    Reconciler step(world_, now_);
    step.AdvanceGrid();
  }
  // Of the first of its alerts.
  AlertState StateOf(const std::string& resource) {
    const auto keys = AlertKeysAbout(world_, "r", resource);
    return keys.empty() ? AlertState::kInactive : world_.alerts.at(keys[0]).state;
  }
  const Alert& AlertAbout(const std::string& resource) {
    return world_.alerts.at(AlertKeysAbout(world_, "r", resource).at(0));
  }

  World world_;
  absl::Time now_ = kStart;
  int64_t revision_ = 0;
};

TEST_F(HappeningAlertTest, AChangeOfStatusIsToldAtOnceAndItsEndToo) {
  Put({.states = {kClosed}});
  Apply({FactOf("suppliers/s/facilities/f", {{.state = kClosed}})});
  EXPECT_EQ(StateOf("suppliers/s/facilities/f"), AlertState::kFiring);
  EXPECT_EQ(AlertAbout("suppliers/s/facilities/f").happened->spell.state, kClosed);
  Apply({FactOf("suppliers/s/facilities/f", {})});
  EXPECT_EQ(StateOf("suppliers/s/facilities/f"), AlertState::kResolved);
  EXPECT_EQ(AlertAbout("suppliers/s/facilities/f").resolve_reason, Reason::kConditionCleared);
  EXPECT_THAT(world_.facts, IsEmpty());
}

TEST_F(HappeningAlertTest, TheDayOfADateIsMetWithoutAnyChange) {
  Put({.states = {kInForce}, .before = absl::Minutes(10)});
  Apply(
      {FactOf("measures/m", {{.state = kInForce, .from = kStart + absl::Hours(1), .until = kStart + absl::Hours(3)}})});
  TickAfter(absl::Minutes(49));
  EXPECT_EQ(StateOf("measures/m"), AlertState::kInactive);
  TickAfter(absl::Minutes(1));
  EXPECT_EQ(StateOf("measures/m"), AlertState::kFiring);
  TickAfter(absl::Minutes(129));
  EXPECT_EQ(StateOf("measures/m"), AlertState::kFiring);
  TickAfter(absl::Minutes(1));
  EXPECT_EQ(StateOf("measures/m"), AlertState::kResolved);
}

TEST_F(HappeningAlertTest, AHeldChangeEndsWhenItIsNoNewsAnyMore) {
  Put({.states = {kOwnerChanged}, .hold = absl::Hours(1)});
  Apply({FactOf("suppliers/s", {{.state = kOwnerChanged, .from = now_}})});
  EXPECT_EQ(StateOf("suppliers/s"), AlertState::kFiring);
  Apply({FactOf("suppliers/s", {})});
  EXPECT_EQ(StateOf("suppliers/s"), AlertState::kFiring) << "something else about it has changed";
  TickAfter(absl::Hours(1));
  EXPECT_EQ(StateOf("suppliers/s"), AlertState::kResolved);
}

TEST_F(HappeningAlertTest, WhatIsGoneTakesItsAlertWithIt) {
  Put({.states = {kClosed}});
  Apply({FactOf("suppliers/a/facilities/f", {{.state = kClosed}}),
         FactOf("suppliers/b/facilities/f", {{.state = kClosed}})});
  Apply({}, {"suppliers/a/facilities/f"});
  EXPECT_EQ(AlertAbout("suppliers/a/facilities/f").resolve_reason, Reason::kSubjectRemoved);
  Apply({}, {}, /*complete=*/true);
  EXPECT_EQ(AlertAbout("suppliers/b/facilities/f").resolve_reason, Reason::kSubjectRemoved);
}

TEST_F(HappeningAlertTest, AnOlderBatchChangesNothing) {
  Put({.states = {kClosed}});
  Apply({FactOf("suppliers/s/facilities/f", {{.state = kClosed}})});
  const World before = world_;
  Reconciler step(world_, now_);
  FactBatch old;
  old.position.revision = {.lineage = "l", .number = 0};
  old.complete = true;
  EXPECT_FALSE(step.ApplyFacts(old));
  EXPECT_EQ(world_, before);
}

TEST_F(HappeningAlertTest, ARuleThatAsksForSomethingElseLetsGo) {
  Put({.states = {kClosed}});
  Apply({FactOf("suppliers/s/facilities/f", {{.state = kClosed}})});
  Put({.states = {kInForce}});
  EXPECT_EQ(AlertAbout("suppliers/s/facilities/f").state, AlertState::kResolved);
  EXPECT_EQ(AlertAbout("suppliers/s/facilities/f").resolve_reason, Reason::kRuleChanged);
  Put({.states = {kClosed}});
  EXPECT_EQ(AlertAbout("suppliers/s/facilities/f").state, AlertState::kFiring);
}

TEST_F(HappeningAlertTest, EachThatHappensToAThingIsTold) {
  Put({.states = {kLapsed}});
  const Spell first{.state = kLapsed, .about = "DOE", .from = now_ - absl::Hours(1)};
  const Spell second{.state = kLapsed, .about = "JBIC", .from = now_};
  EXPECT_THAT(Apply({FactOf("projects/p", {first})}).transitions, SizeIs(1));
  const Changes changes = Apply({FactOf("projects/p", {first, second})});
  ASSERT_THAT(changes.transitions, SizeIs(1));
  EXPECT_TRUE(changes.transitions[0].notifies);
  EXPECT_EQ(changes.transitions[0].after.happened->spell.about, "JBIC");
  EXPECT_THAT(AlertKeysAbout(world_, "r", "projects/p"), SizeIs(2));
  Apply({FactOf("projects/p", {second})});
  EXPECT_EQ(world_.alerts.at(AlertKeysAbout(world_, "r", "projects/p")[0]).state, AlertState::kResolved);
  EXPECT_EQ(world_.alerts.at(AlertKeysAbout(world_, "r", "projects/p")[1]).state, AlertState::kFiring);
}

TEST_F(HappeningAlertTest, ASecondChangeIsToldAgain) {
  Put({.states = {kOwnerChanged}, .hold = absl::Hours(24)});
  Apply({FactOf("suppliers/s", {{.state = kOwnerChanged, .from = now_}})});
  now_ += absl::Hours(1);
  const Changes changes = Apply({FactOf("suppliers/s", {{.state = kOwnerChanged, .from = now_}})});
  EXPECT_THAT(changes.transitions, SizeIs(2)) << "one ends, the other begins";
  EXPECT_THAT(AlertKeysAbout(world_, "r", "suppliers/s"), SizeIs(2));
}

TEST_F(HappeningAlertTest, WhatIsNoLongerKnownIsNotOver) {
  Put({.states = {kClosed}});
  Apply({});
  Apply({FactOf("suppliers/s/facilities/f", {{.state = kClosed}})});
  Fact unknown = FactOf("suppliers/s/facilities/f", {});
  unknown.unknown = {HundredOf(kClosed)};
  Apply({unknown});
  EXPECT_EQ(StateOf("suppliers/s/facilities/f"), AlertState::kFiring);
  EXPECT_TRUE(AlertAbout("suppliers/s/facilities/f").missing_input);
  TickAfter(absl::Hours(1));
  EXPECT_EQ(StateOf("suppliers/s/facilities/f"), AlertState::kFiring);
  Apply({FactOf("suppliers/s/facilities/f", {{.state = kClosed}})});
  EXPECT_FALSE(AlertAbout("suppliers/s/facilities/f").missing_input);
  EXPECT_EQ(AlertAbout("suppliers/s/facilities/f").happened->spell.from, kStart);
  Apply({FactOf("suppliers/s/facilities/f", {})});
  EXPECT_EQ(StateOf("suppliers/s/facilities/f"), AlertState::kResolved);
}

TEST_F(HappeningAlertTest, WhatBecomesPrivateTakesItsEndedAlertsAlong) {
  Put({.states = {kClosed}});
  Apply({FactOf("suppliers/s/facilities/f", {{.state = kClosed}})});
  Apply({FactOf("suppliers/s/facilities/f", {})});
  Reconciler(world_, now_).DeleteRule("r");
  Fact hidden = FactOf("suppliers/s/facilities/f", {});
  hidden.visibility.owner = "alice";
  EXPECT_THAT(Apply({hidden}).alerts, SizeIs(1));
  EXPECT_FALSE(AlertAbout("suppliers/s/facilities/f").VisibleTo("eve"));
  EXPECT_TRUE(AlertAbout("suppliers/s/facilities/f").VisibleTo("alice"));
}

TEST_F(HappeningAlertTest, AnAlertOfWhatItConcernsInhibitsIt) {
  Put({.states = {kClosed}});
  Rule parent;
  parent.id = "parent";
  parent.target.method = kCountryGovernance;
  parent.condition = Threshold{.raise = 7, .clear = 6};
  parent.severity = Severity::kInfo;
  Rule child = world_.rules.at("r");
  child.inhibited_by = {"parent"};
  Reconciler(world_, now_).PutRule(parent);
  Reconciler(world_, now_).PutRule(child);
  ScoreBatch batch;
  batch.revision = {.lineage = "l", .number = 1};
  batch.scores.push_back(
      {.key = {.subject = "countries/MM", .stage = 0, .importer = "", .method = kCountryGovernance}, .value = 9});
  Reconciler(world_, now_).ApplyScores(batch);
  Apply({FactOf("suppliers/s/facilities/f", {{.state = kClosed}}, {"countries/MM"})});
  EXPECT_EQ(StateOf("suppliers/s/facilities/f"), AlertState::kFiring);
  ASSERT_TRUE(AlertAbout("suppliers/s/facilities/f").inhibited_by.has_value());
  EXPECT_EQ(AlertAbout("suppliers/s/facilities/f").inhibited_by->rule, "parent");
}

TEST_F(HappeningAlertTest, ItsIdIsThatOfRuleThingStateAndWhatItIsAbout) {
  Put({.states = {kLapsed}});
  Apply({FactOf("projects/p", {{.state = kLapsed, .about = "DOE", .from = now_}})});
  EXPECT_EQ(AlertAbout("projects/p").Id(), "r-88ae5ee6dbe39b6b28421718cb0b65cf");
}

TEST_F(HappeningAlertTest, ItsReadersAreThoseOfTheThing) {
  Put({.states = {kClosed}}, /*max_alerts=*/1);
  Fact hidden = FactOf("suppliers/a/facilities/f", {{.state = kClosed}});
  hidden.visibility.owner = "agency";
  Apply({hidden, FactOf("suppliers/b/facilities/f", {{.state = kClosed}})});
  EXPECT_FALSE(AlertAbout("suppliers/a/facilities/f").VisibleTo("somebody"));
  EXPECT_TRUE(AlertAbout("suppliers/a/facilities/f").VisibleTo("agency"));
  EXPECT_EQ(StateOf("suppliers/b/facilities/f"), AlertState::kFiring)
      << "what not all may see takes no room from what they may";
}

}  // namespace
}  // namespace orewatch::alerting
