#include "services/alerting/engine/alert_engine.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/metric_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/engine/failing_store.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::MetricValue;
using ::testing::HasSubstr;
using ::testing::SizeIs;

ScoreKey Key(const std::string& subject) { return {.subject = subject, .stage = 3, .importer = "", .method = 1}; }

Rule MakeRule(const std::string& id, int hold_minutes = 0) {
  Rule rule;
  rule.id = id;
  rule.target.method = 1;
  rule.condition = Threshold{.raise = 5000, .clear = 4500};
  rule.hold = absl::Minutes(hold_minutes);
  rule.severity = Severity::kWarning;
  return rule;
}

class AlertEngineTest : public ::testing::Test {
 protected:
  AlertEngineTest() : sqlite_(*SqliteAlertStore::Open(":memory:")), store_(*sqlite_), metrics_(registry_) { Restart(); }

  // What a kill -9 leaves is the store.
  void Restart() { engine_ = OpenEngine("first", metrics_); }
  std::unique_ptr<AlertEngine> OpenEngine(const std::string& holder, AlertMetrics& metrics) {
    auto engine = AlertEngine::Open({.store = store_, .clock = clock_, .metrics = metrics, .holder = holder});
    EXPECT_THAT(engine, IsOk());
    return *std::move(engine);
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
  FactBatch Facts(std::vector<Fact> facts) {
    ++facts_revision_;
    FactBatch batch;
    batch.position = {.revision = {"l", facts_revision_}, .digest = absl::StrCat("digest ", facts_revision_)};
    batch.facts = std::move(facts);
    return batch;
  }
  ScoreValue Score(const std::string& subject, std::optional<double> value) {
    return {.key = Key(subject), .value = value, .revision = revision_ + 1};
  }
  AlertState StateOf(const std::string& rule, const std::string& subject) { return StateOf(*engine_, rule, subject); }
  static AlertState StateOf(const AlertEngine& engine, const std::string& rule, const std::string& subject) {
    Alert alert;
    alert.key = {.rule = rule, .score = Key(subject)};
    Position position;
    const auto found = engine.view().FindAlert(alert.Id(), position);
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
  int64_t facts_revision_ = 0;
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

TEST_F(AlertEngineTest, TheInputIsWholeOnceScoresAndFactsHaveCome) {
  engine_->FollowFacts();
  ASSERT_THAT(engine_->CreateRule(MakeRule("p", 2), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  EXPECT_FALSE(engine_->view().position().input_live);
  ASSERT_THAT(Tick(), IsOk());
  ASSERT_THAT(engine_->ApplyFacts(Facts({})), IsOk());
  EXPECT_TRUE(engine_->view().position().input_live);
  ASSERT_THAT(engine_->InputLost(Source::kFacts), IsOk());
  EXPECT_FALSE(engine_->view().position().input_live);
  ASSERT_THAT(Apply({Score("minerals/x", 8100)}), IsOk());
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(Tick(), IsOk());
  }
  EXPECT_EQ(StateOf("p", "minerals/x"), AlertState::kPending) << "the grid stands still without either";
  ASSERT_THAT(engine_->ApplyFacts(Facts({})), IsOk());
  EXPECT_TRUE(engine_->view().position().input_live);
  EXPECT_EQ(StateOf("p", "minerals/x"), AlertState::kFiring);
}

TEST_F(AlertEngineTest, FactsAreKeptAndAReadersRevisionIsThatOfBoth) {
  Rule rule;
  rule.id = "h";
  rule.condition = Happening{.states = {105}};
  rule.severity = Severity::kWarning;
  engine_->FollowFacts();
  ASSERT_THAT(engine_->CreateRule(rule, std::nullopt, false), IsOk());
  ASSERT_THAT(engine_->ApplyFacts(Facts({{.resource = "suppliers/s", .concerns = {}, .spells = {{.state = 105}}}})),
              IsOk());
  revision_ = 7;
  ASSERT_THAT(Apply({Score("minerals/x", 1)}), IsOk());
  EXPECT_EQ(engine_->view().position().applied.number, 1) << "facts are known up to there";
  Restart();
  EXPECT_TRUE(engine_->Knows("suppliers/s"));
  EXPECT_EQ(engine_->facts_position().digest, "digest 1");
  const auto fires = [&] {
    Position position;
    return engine_->view()
               .FindAlert(Alert{.key = {"h", SubjectKey("suppliers/s"), "105/"}}.Id(), position)
               ->alert.state == AlertState::kFiring;
  };
  EXPECT_TRUE(fires());
  ASSERT_THAT(engine_->ApplyFacts(Facts({{.resource = "suppliers/s"}})), IsOk());
  EXPECT_FALSE(fires());
  Restart();
  EXPECT_TRUE(engine_->Knows("suppliers/s")) << "an alert about it is for those who may see it";
  EXPECT_FALSE(engine_->Knows("suppliers/t"));
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
  EXPECT_THAT(engine_->view().RulesAfter("", 10, ""), SizeIs(1));
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

// Two engines on one store, of which the first has the lease.
class TwoEnginesTest : public AlertEngineTest {
 protected:
  TwoEnginesTest() : second_metrics_(second_registry_), second_(OpenEngine("second", second_metrics_)) {}

  absl::Status Hear() { return second_->Hear(sqlite_->Load()->version); }
  ScoreBatch Batch(int64_t revision, std::vector<ScoreValue> scores, bool complete = false) {
    return {.revision = {"l", revision}, .complete = complete, .scores = std::move(scores), .removed = {}};
  }

  prometheus::Registry second_registry_;
  AlertMetrics second_metrics_;
  std::unique_ptr<AlertEngine> second_;
};

TEST_F(TwoEnginesTest, OneEvaluates) {
  EXPECT_TRUE(engine_->lease().has_value());
  EXPECT_FALSE(second_->lease().has_value());
  EXPECT_THAT(second_->ApplyScores(Batch(1, {Score("minerals/x", 8000)})),
              HasError(absl::StatusCode::kAborted, "LEASE_LOST"));
  EXPECT_THAT(second_->AdvanceGrid(), IsOk());
  EXPECT_THAT(second_->InputLost(), IsOk());
  EXPECT_EQ(sqlite_->Load()->version.number, 0);
}

TEST_F(TwoEnginesTest, TheOtherShowsWhatItDoesAndWhetherItsInputIsLive) {
  int applied = 0;
  int transitions = 0;
  const auto on_applied = second_->applied().Subscribe([&] { ++applied; });
  const auto on_transition = second_->transitions().Subscribe([&] { ++transitions; });
  ASSERT_THAT(engine_->CreateRule(MakeRule("r"), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  ASSERT_THAT(Hear(), IsOk());
  EXPECT_EQ(StateOf(*second_, "r", "minerals/x"), AlertState::kFiring);
  EXPECT_EQ(second_->view().position().applied, engine_->view().position().applied);
  EXPECT_EQ(second_->view().position().sequence, engine_->view().position().sequence);
  EXPECT_TRUE(second_->view().position().input_live);
  EXPECT_EQ(applied, 1);
  EXPECT_EQ(transitions, 1);
  ASSERT_THAT(engine_->InputLost(), IsOk());
  ASSERT_THAT(Hear(), IsOk());
  EXPECT_FALSE(second_->view().position().input_live);
}

TEST_F(TwoEnginesTest, EitherChangesRulesAsTheyAreNow) {
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  const auto created = engine_->CreateRule(MakeRule("r"), std::nullopt, false);
  ASSERT_THAT(created, IsOk());
  EXPECT_THAT(second_->CreateRule(MakeRule("r"), std::nullopt, false), HasCode(absl::StatusCode::kAlreadyExists));
  const auto edited = second_->EditRule({.id = "r", .etag = created->etag, .change = [](const Rule* current) {
                                           Rule rule = *current;
                                           rule.severity = Severity::kCritical;
                                           return absl::StatusOr<Rule>(rule);
                                         }});
  ASSERT_THAT(edited, IsOk());
  EXPECT_EQ(StateOf(*second_, "r", "minerals/x"), AlertState::kFiring) << "with all that follows from it";
  EXPECT_THAT(engine_->DeleteRule({.id = "r", .etag = created->etag}),
              HasError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(engine_->DeleteRule({.id = "r", .etag = edited->etag}), IsOk());
  EXPECT_EQ(StateOf("r", "minerals/x"), AlertState::kResolved);
}

TEST_F(TwoEnginesTest, ACommitThatAnotherCameBeforeIsMadeAgainFromThere) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("r"), std::nullopt, false), IsOk());
  store_.BeforeWrite([&] { ASSERT_THAT(second_->CreateRule(MakeRule("s"), std::nullopt, false), IsOk()); });
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  EXPECT_EQ(StateOf("r", "minerals/x"), AlertState::kFiring);
  EXPECT_EQ(StateOf("s", "minerals/x"), AlertState::kFiring);
  EXPECT_EQ(engine_->view().position().sequence, 2);
  EXPECT_EQ(sqlite_->Load()->version.number, 3);
  EXPECT_THAT(prometheus::TextSerializer().Serialize(registry_.Collect()),
              HasSubstr("orewatch_alerting_commit_retries_total 1"));
}

TEST_F(TwoEnginesTest, ARequestRepeatedAtAnotherGetsTheFirstAnswer) {
  const RequestKey key{.principal = "ann", .request_id = "1", .fingerprint = "f"};
  store_.BeforeWrite([&] { ASSERT_THAT(second_->CreateRule(MakeRule("r"), key, false), IsOk()); });
  const auto answer = engine_->CreateRule(MakeRule("r"), key, false);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->id, "r");
  EXPECT_EQ(sqlite_->Load()->version.number, 1);
}

TEST_F(TwoEnginesTest, WhoeverTakesOverGoesOnFromWhatIsStored) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("p", 3), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  ASSERT_THAT(Tick(), IsOk());
  engine_->GiveUpLease();
  ASSERT_THAT(second_->KeepLease(), IsOk());
  ASSERT_TRUE(second_->lease().has_value());
  clock_.Advance(2 * kTick);
  ASSERT_THAT(second_->AdvanceGrid(), IsOk());
  EXPECT_EQ(StateOf(*second_, "p", "minerals/x"), AlertState::kPending) << "no tick counts before scores have come";
  ASSERT_THAT(second_->ApplyScores(Batch(1, {Score("minerals/x", 8000)}, true)), IsOk());
  EXPECT_EQ(StateOf(*second_, "p", "minerals/x"), AlertState::kFiring);
}

TEST_F(TwoEnginesTest, WhoHasLostTheLeaseWithoutKnowingItChangesNothing) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("r"), std::nullopt, false), IsOk());
  store_.EndLease();
  EXPECT_THAT(Apply({Score("minerals/x", 8000)}), HasError(absl::StatusCode::kAborted, "LEASE_LOST"));
  EXPECT_FALSE(engine_->lease().has_value());
  EXPECT_EQ(StateOf("r", "minerals/x"), AlertState::kInactive);
  EXPECT_EQ(sqlite_->Load()->world.scores.size(), 0);
  ASSERT_THAT(engine_->KeepLease(), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  EXPECT_EQ(StateOf("r", "minerals/x"), AlertState::kFiring);
}

TEST_F(TwoEnginesTest, WhoLosesTheLeaseShowsTheInputOfTheOther) {
  ASSERT_THAT(Apply({Score("minerals/x", 100)}), IsOk());
  engine_->GiveUpLease();
  EXPECT_TRUE(engine_->view().position().input_live);
  ASSERT_THAT(second_->KeepLease(), IsOk());
  EXPECT_FALSE(second_->view().position().input_live) << "until scores have come";
  ASSERT_THAT(second_->InputLost(), IsOk());
  ASSERT_THAT(engine_->Hear(sqlite_->Load()->version), IsOk());
  EXPECT_FALSE(engine_->view().position().input_live);
}

TEST_F(AlertEngineTest, NoTickCountsAfterTheInputWasLostThoughThatCouldNotBeStored) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("p", 2), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  store_.FailWrites(true);
  EXPECT_THAT(engine_->InputLost(), HasCode(absl::StatusCode::kUnavailable));
  store_.FailWrites(false);
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(Tick(), IsOk());
  }
  EXPECT_EQ(StateOf("p", "minerals/x"), AlertState::kPending);
  ASSERT_THAT(engine_->InputLost(), IsOk());
  EXPECT_FALSE(sqlite_->Load()->world.position().InputIsLive());
}

TEST_F(AlertEngineTest, ALeaseThatCannotBeKeptEndsWithItsTime) {
  ASSERT_TRUE(engine_->lease().has_value());
  EXPECT_EQ(engine_->lease()->until, clock_.Now() + absl::Seconds(15));
  EXPECT_THAT(prometheus::TextSerializer().Serialize(registry_.Collect()), HasSubstr("orewatch_alerting_leader 1"));
  store_.FailLease(true);
  clock_.Advance(absl::Seconds(14));
  EXPECT_THAT(engine_->KeepLease(), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(engine_->lease().has_value());
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(engine_->KeepLease(), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(engine_->lease().has_value());
  EXPECT_THAT(prometheus::TextSerializer().Serialize(registry_.Collect()), HasSubstr("orewatch_alerting_leader 0"));
}

TEST_F(AlertEngineTest, WhatFailedIsTakenBackWithoutLoadingEverything) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("r"), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  const int loads = store_.loads;
  store_.FailWrites(true);
  EXPECT_THAT(engine_->DeleteRule({.id = "r", .etag = ""}), HasCode(absl::StatusCode::kUnavailable));
  store_.FailWrites(false);
  ASSERT_THAT(Apply({Score("minerals/x", 100)}), IsOk());
  EXPECT_EQ(store_.loads, loads);
  EXPECT_EQ(StateOf("r", "minerals/x"), AlertState::kResolved);
  EXPECT_EQ(engine_->view().position().sequence, 2);
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

TEST_F(AlertEngineTest, HowLongItTookToFindOutIsMeasuredFromTheCommitOfTheRevision) {
  const auto detected = [&] {
    return MetricValue(registry_, "orewatch_alerting_notify_seconds", {{"stage", "detect"}});
  };
  ASSERT_THAT(engine_->CreateRule(MakeRule("r"), std::nullopt, false), IsOk());
  committed_ = clock_.Now() - absl::Hours(5);
  ASSERT_THAT(Apply({Score("minerals/old", 8000)}), IsOk());
  EXPECT_EQ(detected(), 0) << "nobody looked when that happened";
  committed_ = clock_.Now() - absl::Seconds(5);
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  EXPECT_EQ(detected(), 1);
  EXPECT_THAT(prometheus::TextSerializer().Serialize(registry_.Collect()),
              HasSubstr("orewatch_alerting_notify_seconds_sum{stage=\"detect\"} 5"));
  ASSERT_THAT(engine_->CreateRule(MakeRule("later"), std::nullopt, false), IsOk());
  EXPECT_EQ(detected(), 1) << "a new rule finds what has been there";
}

TEST_F(AlertEngineTest, TicksThatNobodyEvaluatedAreCountedUnderTheLease) {
  const auto missed = [&] { return MetricValue(registry_, "orewatch_alerting_missed_evaluations_total"); };
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  ASSERT_THAT(Tick(), IsOk());
  ASSERT_THAT(engine_->AdvanceGrid(), IsOk());
  ASSERT_THAT(Tick(), IsOk());
  EXPECT_EQ(missed(), 0);
  clock_.Advance(kTick * 2);
  ASSERT_THAT(Tick(), IsOk());
  EXPECT_EQ(missed(), 2);
  engine_->GiveUpLease();
  clock_.Advance(kTick * 5);
  ASSERT_THAT(Tick(), IsOk());
  ASSERT_THAT(engine_->KeepLease(), IsOk());
  ASSERT_THAT(Tick(), IsOk());
  EXPECT_EQ(missed(), 2) << "those were another's";
}

TEST_F(AlertEngineTest, ATickThatCouldNotBeStoredCountsAsFailedAndMissed) {
  ASSERT_THAT(engine_->CreateRule(MakeRule("p", 2), std::nullopt, false), IsOk());
  ASSERT_THAT(Apply({Score("minerals/x", 8000)}), IsOk());
  ASSERT_THAT(Tick(), IsOk());
  store_.FailWrites(true);
  EXPECT_FALSE(Tick().ok());
  EXPECT_EQ(MetricValue(registry_, "orewatch_alerting_evaluation_failures_total", {{"reason", "storage"}}), 1);
  EXPECT_EQ(MetricValue(registry_, "orewatch_alerting_missed_evaluations_total"), 1);
  store_.FailWrites(false);
  ASSERT_THAT(Tick(), IsOk());
  EXPECT_EQ(MetricValue(registry_, "orewatch_alerting_missed_evaluations_total"), 1);
}

TEST_F(AlertEngineTest, AChangeIsStoredWithItsDeliveries) {
  engine_->GiveUpLease();
  engine_ = *AlertEngine::Open(
      {.store = store_, .clock = clock_, .metrics = metrics_, .holder = "first", .targets = {{.name = "hook"}}});
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
