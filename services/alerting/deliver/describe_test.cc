#include "services/alerting/deliver/describe.h"

#include <memory>
#include <vector>

#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::IsOk;
using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const absl::Time kNow = TimeOf(1000);

// Somebody was told two minutes ago that it fires.
RuledAlert Announced() {
  RuledAlert ruled;
  ruled.alert.key = {.rule = "r", .score = {.subject = "minerals/tin", .stage = 3, .importer = "", .method = 1}};
  ruled.alert.state = AlertState::kFiring;
  ruled.alert.severity = Severity::kWarning;
  ruled.alert.fire_time = kNow - absl::Minutes(2);
  ruled.alert.sequence = 9;
  ruled.alert.announced = true;
  ruled.alert.told = Told{.sequence = 7, .time = kNow - absl::Minutes(2), .worst = Severity::kWarning};
  return ruled;
}

TEST(DescribeTest, LabelsIdentifyAndNoneIsEmpty) {
  RuledAlert ruled = Announced();
  ruled.rule.emplace();
  ruled.rule->labels = {{"team", "metals"}};
  const FiringAlert alert = Describe(ruled, {});
  EXPECT_THAT(alert.labels,
              UnorderedElementsAre(Pair("alertname", "r"), Pair("rule", "rules/r"), Pair("subject", "minerals/tin"),
                                   Pair("mineral", "tin"), Pair("method", "hhi"), Pair("stage", "refine"),
                                   Pair("audience", "risk"), Pair("team", "metals")));
  EXPECT_THAT(alert.annotations, Not(IsEmpty()));
  EXPECT_THAT(alert.annotations, Each(Pair(::testing::_, Not(IsEmpty()))));
}

TEST(DescribeTest, TheChangeIsTheLastThatWasTold) { EXPECT_EQ(Describe(Announced(), {}).sequence, 7); }

TEST(DescribeTest, WhatFlapsHasNotEndedForOthers) {
  RuledAlert ruled = Announced();
  ruled.alert.state = AlertState::kResolved;
  ruled.alert.resolve_time = kNow - absl::Minutes(1);
  ruled.alert.flapping = true;
  EXPECT_EQ(Describe(ruled, {}).resolve_time, std::nullopt);
  ruled.alert.announced = false;
  ruled.alert.told->time = kNow;
  EXPECT_EQ(Describe(ruled, {}).resolve_time, kNow) << "it ended when that was told";
}

TEST(DescribeTest, ARiseThatWasNotToldIsNotShown) {
  RuledAlert ruled = Announced();
  ruled.alert.severity = Severity::kCritical;
  EXPECT_EQ(Describe(ruled, {}).severity, Severity::kWarning);
  ruled.alert.severity = Severity::kInfo;
  EXPECT_EQ(Describe(ruled, {}).severity, Severity::kInfo);
}

TEST(DescribeTest, WhoAcknowledgedItIsAnAnnotation) {
  RuledAlert ruled = Announced();
  ruled.alert.acknowledgement = Acknowledgement{.principal = "ann", .time = kNow, .comment = "", .expire_time = kNow};
  EXPECT_EQ(Describe(ruled, {}).resolve_time, std::nullopt);
  EXPECT_EQ(Describe(ruled, {}).annotations.at("acknowledged_by"), "ann");
}

class EngineAlertsTest : public ::testing::Test {
 protected:
  void Create(const std::string& id, const Visibility& visibility) {
    Rule rule;
    rule.id = id;
    rule.target.method = 1;
    rule.condition = Threshold{.raise = 5000, .clear = 4500};
    rule.severity = Severity::kWarning;
    rule.visibility = visibility;
    ASSERT_THAT(engine_->CreateRule(rule, std::nullopt, false, visibility.owner), IsOk());
  }
  void Score(double value) {
    ScoreBatch batch;
    batch.revision = {"lineage", ++revision_};
    batch.scores = {{.key = {.subject = "minerals/tin", .stage = 3, .importer = "", .method = 1},
                     .value = value,
                     .revision = revision_}};
    ASSERT_THAT(engine_->ApplyScores(batch), IsOk());
  }

  FakeClock clock_{kNow};
  prometheus::Registry registry_;
  AlertMetrics metrics_{registry_};
  std::unique_ptr<AlertStore> store_ = *SqliteAlertStore::Open(":memory:");
  std::unique_ptr<AlertEngine> engine_ = *AlertEngine::Open({.store = *store_, .clock = clock_, .metrics = metrics_});
  EngineAlerts alerts_{*engine_};
  int64_t revision_ = 0;
};

TEST_F(EngineAlertsTest, OthersHearOfWhatTheyMaySee) {
  Create("open", {});
  Create("secret", {.owner = "ann", .readers = {}});
  Score(6000);
  const FiringSnapshot snapshot = alerts_.Snapshot(kNow);
  ASSERT_THAT(snapshot, SizeIs(1));
  EXPECT_EQ(snapshot[0]->labels.at("rule"), "rules/open");
  EXPECT_TRUE(alerts_.Find(1, "")->has_value());
  EXPECT_FALSE(alerts_.Find(2, "")->has_value());
  EXPECT_TRUE(alerts_.Find(2, "ann")->has_value());
  EXPECT_FALSE(alerts_.Find(3, "ann")->has_value());
}

TEST_F(EngineAlertsTest, WhatHasNotChangedIsTheSameObject) {
  Create("open", {});
  Score(6000);
  const FiringSnapshot before = alerts_.Snapshot(kNow);
  Create("other", {});
  EXPECT_THAT(alerts_.Snapshot(kNow), ::testing::Contains(before[0]));
  Score(7000);
  EXPECT_THAT(alerts_.Snapshot(kNow), ::testing::Not(::testing::Contains(before[0])));
}

TEST_F(EngineAlertsTest, AnAlertIsDescribedAnewWhenItsRuleHasChanged) {
  Create("open", {});
  Score(6000);
  EXPECT_EQ(alerts_.Snapshot(kNow)[0]->annotations.count("description"), 0U);
  ASSERT_THAT(engine_->EditRule({.id = "open",
                                 .etag = "",
                                 .change =
                                     [](const Rule* current) {
                                       Rule rule = *current;
                                       rule.reason = "because";
                                       return rule;
                                     }}),
              IsOk());
  EXPECT_EQ(alerts_.Snapshot(kNow)[0]->annotations.at("description"), "because");
}

TEST_F(EngineAlertsTest, WhatEndedIsShownForAsLongAsIsAsked) {
  Create("open", {});
  Score(6000);
  clock_.Advance(absl::Minutes(1));
  Score(1000);
  EXPECT_THAT(alerts_.Snapshot(clock_.Now()), SizeIs(1));
  EXPECT_EQ(alerts_.Snapshot(kNow)[0]->resolve_time, clock_.Now());
  EXPECT_THAT(alerts_.Snapshot(clock_.Now() + absl::Seconds(1)), IsEmpty());
}

TEST_F(EngineAlertsTest, WhatWasResolvedByHandHasEnded) {
  Create("open", {});
  Score(6000);
  const std::string id = alerts_.Snapshot(kNow)[0]->alert_id;
  ASSERT_THAT(engine_->ActOnAlert({.id = id,
                                   .etag = "",
                                   .validate_only = false,
                                   .action = {.kind = Action::Kind::kResolve, .principal = "ann", .text = "known"}},
                                  std::nullopt),
              IsOk());
  EXPECT_EQ(alerts_.Snapshot(kNow)[0]->resolve_time, kNow);
  Score(7000);
  EXPECT_EQ(alerts_.Snapshot(kNow)[0]->resolve_time, kNow) << "resolved by hand";
}

}  // namespace
}  // namespace orewatch::alerting
