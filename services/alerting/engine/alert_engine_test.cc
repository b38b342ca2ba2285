#include "services/alerting/engine/alert_engine.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::SizeIs;

ScoreKey Key(const std::string& subject) { return {.subject = subject, .stage = 3, .importer = "", .method = 1}; }

Rule MakeRule(const std::string& id, int hold_minutes = 0) {
  Rule rule;
  rule.id = id;
  rule.target.method = 1;
  rule.raise_threshold = 5000;
  rule.clear_threshold = 4500;
  rule.hold = absl::Minutes(hold_minutes);
  rule.severity = Severity::kWarning;
  return rule;
}

// Passes on to another store until it is told to fail.
class FailingStore final : public AlertStore {
 public:
  explicit FailingStore(AlertStore& store) : store_(store) {}
  void FailWrites(bool fail) { fail_ = fail; }

  absl::StatusOr<World> Load() override { return store_.Load(); }
  absl::Status Write(const Commit& commit) override {
    return fail_ ? absl::UnavailableError("disk full") : store_.Write(commit);
  }
  absl::StatusOr<bool> DefaultsLoaded() override { return store_.DefaultsLoaded(); }
  absl::StatusOr<std::optional<AnsweredRequest>> FindAnswer(const std::string& principal, const std::string& request_id,
                                                            absl::Time since) override {
    return store_.FindAnswer(principal, request_id, since);
  }
  absl::StatusOr<std::vector<Transition>> Timeline(const AlertKey& key, int64_t limit) override {
    return store_.Timeline(key, limit);
  }
  absl::StatusOr<std::vector<Transition>> TransitionsAfter(int64_t sequence, int64_t limit) override {
    return store_.TransitionsAfter(sequence, limit);
  }
  DeliveryStore& deliveries() override { return store_.deliveries(); }

 private:
  AlertStore& store_;
  bool fail_ = false;
};

class AlertEngineTest : public ::testing::Test {
 protected:
  AlertEngineTest() : sqlite_(*SqliteAlertStore::Open(":memory:")), store_(*sqlite_), metrics_(registry_) { Restart(); }

  // What a kill -9 leaves is the store.
  void Restart() {
    auto engine = AlertEngine::Open({.store = store_, .clock = clock_, .metrics = metrics_});
    ASSERT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
  }
  absl::Status Apply(std::vector<ScoreValue> scores, bool complete = false) {
    ScoreBatch batch;
    batch.revision.lineage = "l";
    batch.revision.number = ++revision_;
    batch.commit_time = committed_;
    batch.complete = complete;
    batch.scores = std::move(scores);
    return engine_->ApplyScores(batch);
  }
  ScoreValue Score(const std::string& subject, std::optional<double> value) {
    return {.key = Key(subject), .value = value, .revision = revision_ + 1};
  }
  AlertState StateOf(const std::string& rule, const std::string& subject) {
    Alert alert;
    alert.key = {.rule = rule, .score = Key(subject)};
    Position position;
    const auto found = engine_->view().FindAlert(alert.Id(), position);
    return found.has_value() ? found->alert.state : AlertState::kInactive;
  }
  absl::Status Tick() {
    clock_.Advance(kTick);
    return engine_->AdvanceGrid();
  }

  prometheus::Registry registry_;
  FakeClock clock_{TimeOf(1000)};
  std::unique_ptr<SqliteAlertStore> sqlite_;
  FailingStore store_;
  AlertMetrics metrics_;
  std::unique_ptr<AlertEngine> engine_;
  int64_t revision_ = 0;
  // Of the batches to come.
  absl::Time committed_ = absl::InfiniteFuture();
};

TEST_F(AlertEngineTest, ARestartKeepsStateAndPosition) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("r"), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  const Position before = engine_->view().position();
  EXPECT_TRUE(before.input_live);
  Restart();
  EXPECT_EQ(StateOf("r", "minerals/x"), AlertState::kFiring);
  EXPECT_EQ(engine_->view().position().applied, before.applied);
  EXPECT_EQ(engine_->view().position().sequence, before.sequence);
  EXPECT_FALSE(engine_->view().position().input_live);
}

TEST_F(AlertEngineTest, ARestartInTheMiddleOfPendingKeepsTheCount) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("p", 3), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  ASSERT_THAT(Tick(), IsOk());
  Restart();
  ASSERT_THAT(Tick(), IsOk());
  EXPECT_EQ(StateOf("p", "minerals/x"), AlertState::kPending) << "no tick counts before the scores have caught up";
  clock_.Advance(kTick);
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}, /*complete=*/true), IsOk());
  EXPECT_EQ(StateOf("p", "minerals/x"), AlertState::kFiring);
}

TEST_F(AlertEngineTest, WhatClearedDuringARestartDoesNotFire) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("p", 3), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  Restart();
  clock_.Advance(10 * kTick);
  ASSERT_THAT(Apply({Score("minerals/x", 1000)}, /*complete=*/true), IsOk());
  EXPECT_EQ(StateOf("p", "minerals/x"), AlertState::kInactive);
  EXPECT_EQ(engine_->view().position().sequence, 2);
}

TEST_F(AlertEngineTest, TicksBeforeARevisionHadTheValuesBeforeIt) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("p", 2), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  // The ticker is late: the revision comes first.
  clock_.Advance(2 * kTick + absl::Seconds(1));
  ASSERT_THAT(Apply({Score("minerals/x", 1000)}), IsOk());
  EXPECT_EQ(StateOf("p", "minerals/x"), AlertState::kFiring);
  ASSERT_THAT(Tick(), IsOk());
  EXPECT_EQ(StateOf("p", "minerals/x"), AlertState::kResolved);
}

TEST_F(AlertEngineTest, AConditionHoldsFromTheCommitOnHoweverLateItArrives) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("p", 2), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 1000)}), IsOk());
  committed_ = clock_.Now() + absl::Seconds(1);
  clock_.Advance(3 * kTick + absl::Seconds(1));
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  EXPECT_EQ(StateOf("p", "minerals/x"), AlertState::kFiring) << "three ticks have passed since the commit";
}

TEST_F(AlertEngineTest, WithoutInputTheGridStandsStillAndStatesAreKept) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("p", 2), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  ASSERT_THAT(engine_->InputLost(), IsOk());
  EXPECT_FALSE(engine_->view().position().input_live);
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(Tick(), IsOk());
  }
  EXPECT_EQ(StateOf("p", "minerals/x"), AlertState::kPending);
}

TEST_F(AlertEngineTest, ACommitThatFailsLeavesNoTraceAndCanBeRepeated) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("r"), std::nullopt, false), IsOk());
  store_.FailWrites(true);
  EXPECT_THAT(Apply({Score("minerals/x", 8000)}), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_THAT(engine_->CreateRule(MakeRule("s"), std::nullopt, false), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(StateOf("r", "minerals/x"), AlertState::kInactive);
  EXPECT_EQ(engine_->view().position().sequence, 0);
  store_.FailWrites(false);
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  EXPECT_EQ(StateOf("r", "minerals/x"), AlertState::kFiring);
  EXPECT_FALSE(engine_->view().FindRule("s").has_value());
}

TEST_F(AlertEngineTest, DefaultsAreAddedOnceAndStayDeleted) {
  EXPECT_TRUE(*engine_->WantsDefaultRules());
  ASSERT_THAT(engine_->AddDefaultRules({MakeRule("a"), MakeRule("b")}), IsOk());
  EXPECT_FALSE(*engine_->WantsDefaultRules());
  ASSERT_THAT(engine_->DeleteRule({.id = "a", .etag = ""}), IsOk());
  ASSERT_THAT(engine_->DeleteRule({.id = "b", .etag = ""}), IsOk());
  Restart();
  EXPECT_FALSE(*engine_->WantsDefaultRules());
}

TEST_F(AlertEngineTest, DefaultsAreNotAddedToRulesThatAreThere) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("mine"), std::nullopt, false), IsOk());
  ASSERT_THAT(engine_->AddDefaultRules({MakeRule("a")}), IsOk());
  EXPECT_THAT(engine_->view().RulesAfter("", 10), SizeIs(1));
}

TEST_F(AlertEngineTest, ARepeatedRequestGetsItsFirstAnswerForADay) {
  const RequestKey key{.principal = "ann", .request_id = "1", .fingerprint = "f"};
  auto first = engine_->CreateRule(MakeRule("r"), key, false);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(engine_->DeleteRule({.id = "r", .etag = ""}), IsOk());
  auto second = engine_->CreateRule(MakeRule("r"), key, false);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(*first, *second);
  EXPECT_FALSE(engine_->view().FindRule("r").has_value());
  EXPECT_THAT(
      engine_->CreateRule(MakeRule("q"), RequestKey{.principal = "ann", .request_id = "1", .fingerprint = "g"}, false),
      BlamesField("request_id"));
  clock_.Advance(absl::Hours(25));
  EXPECT_THAT(engine_->CreateRule(MakeRule("r"), key, false), IsOk());
  EXPECT_TRUE(engine_->view().FindRule("r").has_value());
}

TEST_F(AlertEngineTest, ThereIsAMostOfRules) {
  std::vector<Rule> rules;
  for (size_t i = 0; i < AlertEngine::kMaxRules; ++i) {
    rules.push_back(MakeRule(absl::StrCat("r", i)));
  }
  ASSERT_THAT(engine_->AddDefaultRules(rules), IsOk());
  EXPECT_THAT(engine_->CreateRule(MakeRule("one-more"), std::nullopt, false),
              HasError(absl::StatusCode::kResourceExhausted, "TOO_MANY_RULES"));
}

TEST_F(AlertEngineTest, WatchersAreWokenByTransitionsAlone) {
  int woken = 0;
  const auto subscription = engine_->transitions().Subscribe([&] { ++woken; });
  ASSERT_THAT(engine_->CreateRule(MakeRule("r"), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 100)}), IsOk());
  EXPECT_EQ(woken, 0);
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  EXPECT_EQ(woken, 1);
}

TEST_F(AlertEngineTest, ShowsItsWorkAsMetrics) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("r"), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  const std::string text = prometheus::TextSerializer().Serialize(registry_.Collect());
  EXPECT_THAT(text, HasSubstr("orewatch_alerting_rules{state=\"enabled\"} 1"));
  EXPECT_THAT(text, HasSubstr("orewatch_alerting_alerts{severity=\"warning\",state=\"firing\"} 1"));
  EXPECT_THAT(text, HasSubstr("orewatch_alerting_transitions_total{from=\"inactive\",to=\"firing\"} 1"));
  EXPECT_THAT(text, HasSubstr("orewatch_alerting_evaluations_total 2"));
  EXPECT_THAT(text, HasSubstr("orewatch_alerting_evaluation_seconds_count 2"));
  EXPECT_THAT(text, HasSubstr("orewatch_alerting_last_evaluation_timestamp_seconds 60000"));
}

TEST_F(AlertEngineTest, AChangeIsStoredWithItsDeliveries) {
  engine_ = *AlertEngine::Open({.store = store_, .clock = clock_, .metrics = metrics_, .targets = {{.name = "hook"}}});
  ASSERT_THAT(engine_->CreateRule(MakeRule("now", 0), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("cobalt", 9000)}), IsOk());
  const auto deliveries = store_.deliveries().ListDeliveries({.limit = 10});
  ASSERT_THAT(deliveries, IsOk());
  ASSERT_THAT(*deliveries, SizeIs(1));
  EXPECT_EQ((*deliveries)[0].target, "hook");
  EXPECT_EQ((*deliveries)[0].sequence, engine_->view().position().sequence);
}

}  // namespace
}  // namespace orewatch::alerting
