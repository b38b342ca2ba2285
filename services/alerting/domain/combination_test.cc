// Several conditions about one subject.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/condition_check.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/domain/reconciler.h"

namespace orewatch::alerting {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kHhi = 1;
constexpr int kInForce = 402;

Part ScorePart(double raise, double clear) {
  return {.target = {.subject = "", .stage = 3, .importer = "", .method = kHhi},
          .condition = Threshold{.raise = raise, .clear = clear}};
}

Part MeasurePart() { return {.target = {}, .condition = Happening{.states = {kInForce}}}; }

Combination Of(Quantifier quantifier, std::vector<Part> parts) {
  return {.quantifier = quantifier, .collection = "minerals", .parts = std::move(parts)};
}

class CombinationTest : public ::testing::Test {
 protected:
  void Put(Combination combination, const std::string& owner = "") {
    Rule rule;
    rule.id = "r";
    rule.condition = std::move(combination);
    rule.severity = Severity::kWarning;
    rule.visibility.owner = owner;
    Reconciler(world_, now_).PutRule(rule);
  }
  void ApplyScore(const std::string& subject, std::optional<double> value, int stage = 3) {
    ScoreBatch batch;
    batch.revision = {.lineage = "l", .number = ++revision_};
    batch.scores.push_back(
        {.key = {.subject = subject, .stage = stage, .importer = "", .method = kHhi}, .value = value});
    Reconciler(world_, now_).ApplyScores(batch);
  }
  void ApplyMeasure(const std::string& mineral, const std::string& owner = "") {
    FactBatch batch;
    batch.position.revision = {.lineage = "l", .number = ++revision_};
    batch.facts.push_back(
        {.resource = "measures/m", .concerns = {"countries/CN", mineral}, .spells = {{.state = kInForce}}});
    batch.facts[0].visibility.owner = owner;
    Reconciler(world_, now_).ApplyFacts(batch);
  }
  void LiftMeasure() {
    FactBatch batch;
    batch.position.revision = {.lineage = "l", .number = ++revision_};
    batch.facts.push_back({.resource = "measures/m"});
    Reconciler(world_, now_).ApplyFacts(batch);
  }
  void Tick() {
    now_ += kTick;
    Reconciler(world_, now_).AdvanceGrid();
  }
  AlertState StateAfterTick(const std::string& subject) {
    Tick();
    const auto found = world_.alerts.find({.rule = "r", .score = SubjectKey(subject)});
    return found == world_.alerts.end() ? AlertState::kInactive : found->second.state;
  }

  World world_;
  absl::Time now_ = TimeOf(28'000'000);
  int64_t revision_ = 0;
};

TEST_F(CombinationTest, AllIsMetByAllAndEndsWithOne) {
  Put(Of(Quantifier::kAll, {ScorePart(5000, 4500), MeasurePart()}));
  ApplyScore("minerals/gallium", 6000);
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kInactive);
  ApplyMeasure("minerals/gallium");
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kFiring);
  const Alert& alert = world_.alerts.at({.rule = "r", .score = SubjectKey("minerals/gallium")});
  EXPECT_EQ(alert.value, 2);
  EXPECT_EQ(alert.happened->spell.state, kInForce);
  ApplyScore("minerals/gallium", 4800);
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kFiring) << "between the thresholds what was is kept";
  LiftMeasure();
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kResolved);
}

TEST_F(CombinationTest, AnyIsMetByOne) {
  Put(Of(Quantifier::kAny, {ScorePart(5000, 4500), MeasurePart()}));
  ApplyScore("minerals/tin", 6000);
  ApplyMeasure("minerals/gallium");
  EXPECT_EQ(StateAfterTick("minerals/tin"), AlertState::kFiring);
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kFiring);
  EXPECT_EQ(StateAfterTick("countries/CN"), AlertState::kInactive) << "it is about minerals";
}

TEST_F(CombinationTest, WhatIsUnknownIsNotTakenForFine) {
  Put(Of(Quantifier::kAll, {ScorePart(5000, 4500), MeasurePart()}));
  ApplyScore("minerals/gallium", 6000);
  ApplyMeasure("minerals/gallium");
  ASSERT_EQ(StateAfterTick("minerals/gallium"), AlertState::kFiring);
  ApplyScore("minerals/gallium", std::nullopt);
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kFiring);
  EXPECT_TRUE(world_.alerts.at({.rule = "r", .score = SubjectKey("minerals/gallium")}).missing_input);
  LiftMeasure();
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kResolved) << "one part decides, whatever the other is";
}

TEST_F(CombinationTest, OfTwoScoresTheOneThatIsUnknownMayStillBeMet) {
  Part any_stage = ScorePart(5000, 4500);
  any_stage.target.stage = 0;
  Put(Of(Quantifier::kAll, {any_stage, MeasurePart()}));
  ApplyScore("minerals/gallium", 6000, /*stage=*/3);
  ApplyScore("minerals/gallium", 2000, /*stage=*/1);
  ApplyMeasure("minerals/gallium");
  ASSERT_EQ(StateAfterTick("minerals/gallium"), AlertState::kFiring);
  ApplyScore("minerals/gallium", std::nullopt, /*stage=*/3);
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kFiring);
  ApplyScore("minerals/gallium", 2000, /*stage=*/3);
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kResolved);
}

TEST_F(CombinationTest, WhatComesInTwoStepsBetweenTwoTicksIsOneChange) {
  Put(Of(Quantifier::kAll, {ScorePart(5000, 4500), MeasurePart()}));
  ApplyScore("minerals/gallium", 6000);
  Tick();
  // One change set puts the measure in force and halves the score; the fact comes first.
  ApplyMeasure("minerals/gallium");
  ApplyScore("minerals/gallium", 3000);
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kInactive);
}

TEST_F(CombinationTest, AFactThatNotAllReadersOfTheRuleMayKnowOfIsNotSeen) {
  Put(Of(Quantifier::kAll, {ScorePart(5000, 4500), MeasurePart()}));
  ApplyScore("minerals/gallium", 6000);
  ApplyMeasure("minerals/gallium", "agency");
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kInactive);
  Put(Of(Quantifier::kAll, {ScorePart(5000, 4500), MeasurePart()}), "agency");
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kFiring);
}

TEST_F(CombinationTest, AHoldIsCountedOnTheWhole) {
  Rule rule;
  rule.id = "r";
  rule.condition = Of(Quantifier::kAll, {ScorePart(5000, 4500), MeasurePart()});
  rule.severity = Severity::kWarning;
  rule.hold = absl::Minutes(2);
  Reconciler(world_, now_).PutRule(rule);
  ApplyScore("minerals/gallium", 6000);
  ApplyMeasure("minerals/gallium");
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kPending);
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kPending);
  EXPECT_EQ(StateAfterTick("minerals/gallium"), AlertState::kFiring);
}

std::vector<std::string> BlamedFields(const Combination& combination) {
  std::vector<Violation> violations;
  CheckCondition(combination, Severity::kInfo, {}, violations);
  std::vector<std::string> fields(violations.size());
  std::transform(violations.begin(), violations.end(), fields.begin(),
                 [](const Violation& violation) { return violation.field; });
  return fields;
}

TEST(CombinationCheckTest, NamesThePartThatIsWrong) {
  EXPECT_THAT(BlamedFields(Of(Quantifier::kAll, {ScorePart(2, 1), MeasurePart()})), IsEmpty());
  EXPECT_THAT(BlamedFields(Of(Quantifier::kAll, {ScorePart(2, 1)})), ElementsAre("combination.parts"));
  Combination nowhere = Of(Quantifier::kAll, {ScorePart(2, 1), MeasurePart()});
  nowhere.collection = "mineral";
  EXPECT_THAT(BlamedFields(nowhere), ElementsAre("combination.subjects"));
  EXPECT_THAT(BlamedFields(Of(Quantifier::kAll, {MeasurePart(), ScorePart(1, 2)})),
              ElementsAre("combination.parts[1].threshold.clear"));
  Part without_method = ScorePart(2, 1);
  without_method.target.method = 0;
  EXPECT_THAT(BlamedFields(Of(Quantifier::kAll, {without_method, MeasurePart()})),
              ElementsAre("combination.parts[0].target.method"));
  Part of_country = ScorePart(2, 1);
  of_country.target = {.subject = "", .stage = 0, .importer = "", .method = kCountryGovernance};
  EXPECT_THAT(BlamedFields(Of(Quantifier::kAll, {of_country, MeasurePart()})),
              ElementsAre("combination.parts[0].target.method"));
  Part with_target = MeasurePart();
  with_target.target.method = kHhi;
  EXPECT_THAT(BlamedFields(Of(Quantifier::kAll, {ScorePart(2, 1), with_target})),
              ElementsAre("combination.parts[1].target"));
}

}  // namespace
}  // namespace orewatch::alerting
