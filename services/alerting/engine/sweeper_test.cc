#include "services/alerting/engine/sweeper.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/testing/matchers.h"
#include "common/testing/metric_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/engine/failing_store.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::MetricValue;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kDroppedTotal[] = "orewatch_alerting_dropped_total";
constexpr absl::Duration kDay = absl::Hours(24);
constexpr int64_t kEpoch = 1;
const RetentionPolicy kPolicy = {.deliveries = 90 * kDay, .events = 365 * kDay};

Rule MakeRule() {
  Rule rule;
  rule.id = "r";
  rule.target.method = 1;
  rule.condition = Threshold{.raise = 5000, .clear = 4500};
  rule.severity = Severity::kWarning;
  return rule;
}

// An engine whose every event of an alert is told to a hook.
class SweeperTest : public ::testing::Test {
 protected:
  SweeperTest() : sqlite_(*SqliteAlertStore::Open(":memory:")), store_(*sqlite_), metrics_(registry_) {
    Restart();
    EXPECT_THAT(engine_->CreateRule(MakeRule(), std::nullopt, false), IsOk());
  }

  void Restart() {
    engine_ = OpenEngine("first", metrics_);
    sweeper_ = std::make_unique<Sweeper>(*engine_, kPolicy, metrics_);
  }
  std::unique_ptr<AlertEngine> OpenEngine(const std::string& holder, AlertMetrics& metrics) {
    auto engine = AlertEngine::Open(
        {.store = store_, .clock = clock_, .metrics = metrics, .holder = holder, .targets = {{.name = "hook"}}});
    EXPECT_THAT(engine, IsOk());
    return *std::move(engine);
  }
  // The value of a score, which fires at 8000 and ends at 1000.
  void Score(const std::string& subject, double value) {
    ScoreBatch batch;
    batch.revision = {"l", ++revision_};
    batch.commit_time = clock_.Now();
    batch.scores = {{.key = {.subject = subject, .stage = 3, .importer = "", .method = 1},
                     .value = value,
                     .revision = batch.revision.number}};
    ASSERT_THAT(engine_->ApplyScores(batch), IsOk());
  }
  void FireAndEnd(const std::string& subject) {
    Score(subject, 8000);
    Score(subject, 1000);
  }
  std::vector<Delivery> Deliveries() { return *store_.deliveries().DeliveriesAfter({}, 100000); }
  std::vector<int64_t> Events() {
    std::vector<int64_t> sequences;
    const std::vector<TimelineEntry> entries = *store_.TransitionsAfter(0, 100000);
    for (const TimelineEntry& entry : entries) {
      sequences.push_back(entry.after.sequence);
    }
    return sequences;
  }
  // Whatever is pending becomes this.
  void SetAll(DeliveryState state) {
    std::vector<Delivery> deliveries = Deliveries();
    for (Delivery& delivery : deliveries) {
      delivery.state = delivery.state == DeliveryState::kPending ? state : delivery.state;
    }
    ASSERT_THAT(store_.deliveries().UpdateDeliveries(kEpoch, deliveries), IsOk());
  }
  double Dropped(const std::string& what) { return MetricValue(registry_, kDroppedTotal, {{"what", what}}); }

  prometheus::Registry registry_;
  FakeClock clock_{TimeOf(1000)};
  std::unique_ptr<SqliteAlertStore> sqlite_;
  FailingStore store_;
  AlertMetrics metrics_;
  std::unique_ptr<AlertEngine> engine_;
  std::unique_ptr<Sweeper> sweeper_;
  int64_t revision_ = 0;
};

TEST_F(SweeperTest, WhatCameThroughIsDroppedAfterItsTime) {
  FireAndEnd("minerals/x");
  SetAll(DeliveryState::kDelivered);
  clock_.Advance(90 * kDay);
  ASSERT_THAT(sweeper_->Step(), IsOk());
  EXPECT_THAT(Deliveries(), SizeIs(2)) << "it is not older than that";
  clock_.Advance(absl::Hours(2));
  ASSERT_THAT(sweeper_->Step(), IsOk());
  EXPECT_THAT(Deliveries(), IsEmpty());
  EXPECT_THAT(Events(), ElementsAre(1, 2)) << "they are kept for longer";
  EXPECT_EQ(Dropped("delivery"), 2);
  EXPECT_EQ(Dropped("dead_letter"), 0);
}

TEST_F(SweeperTest, WhatIsPendingIsKeptAndSoIsItsEvent) {
  FireAndEnd("minerals/x");
  clock_.Advance(1000 * kDay);
  ASSERT_THAT(sweeper_->Step(), IsOk());
  EXPECT_THAT(Deliveries(), SizeIs(2));
  EXPECT_THAT(Events(), ElementsAre(1, 2));
}

TEST_F(SweeperTest, DeadLettersAreKeptAsLongAndCounted) {
  FireAndEnd("minerals/x");
  SetAll(DeliveryState::kDead);
  clock_.Advance(89 * kDay);
  ASSERT_THAT(sweeper_->Step(), IsOk());
  EXPECT_THAT(Deliveries(), SizeIs(2));
  clock_.Advance(2 * kDay);
  ASSERT_THAT(sweeper_->Step(), IsOk());
  EXPECT_THAT(Deliveries(), IsEmpty());
  EXPECT_EQ(Dropped("dead_letter"), 2);
  EXPECT_EQ(Dropped("delivery"), 0);
}

TEST_F(SweeperTest, OfAnAlertThatFiresNothingIsDropped) {
  FireAndEnd("minerals/x");
  clock_.Advance(kDay);
  Score("minerals/x", 8000);
  SetAll(DeliveryState::kDelivered);
  clock_.Advance(1000 * kDay);
  ASSERT_THAT(sweeper_->Step(), IsOk());
  EXPECT_THAT(Deliveries(), SizeIs(1));
  EXPECT_THAT(Events(), ElementsAre(3)) << "it fires since then; what was before is over";
}

TEST_F(SweeperTest, EventsAreDroppedWithTheLastOfTheirDeliveries) {
  FireAndEnd("minerals/x");
  SetAll(DeliveryState::kNotified);
  clock_.Advance(366 * kDay);
  ASSERT_THAT(sweeper_->Step(), IsOk());
  EXPECT_THAT(Events(), IsEmpty());
  EXPECT_EQ(Dropped("event"), 2);
  EXPECT_EQ(engine_->view().position().sequence, 2) << "no number is given twice";
}

TEST_F(SweeperTest, ARestartAndAFollowerAgreeOnWhatIsGone) {
  prometheus::Registry others;
  AlertMetrics other_metrics(others);
  const std::unique_ptr<AlertEngine> follower = OpenEngine("second", other_metrics);
  ASSERT_FALSE(follower->lease().has_value());
  FireAndEnd("minerals/x");
  SetAll(DeliveryState::kDelivered);
  clock_.Advance(366 * kDay);
  Sweeper idle(*follower, kPolicy, other_metrics);
  ASSERT_THAT(idle.Step(), IsOk());
  EXPECT_THAT(Events(), SizeIs(2)) << "who does not evaluate drops nothing";
  ASSERT_THAT(sweeper_->Step(), IsOk());
  const int loads = store_.loads;
  ASSERT_THAT(follower->Hear(store_.Load()->version), IsOk());
  Score("minerals/y", 8000);
  ASSERT_THAT(follower->Hear(store_.Load()->version), IsOk());
  EXPECT_EQ(store_.loads, loads + 2) << "of the test: the follower caught up commit by commit";
  EXPECT_EQ(follower->view().position().sequence, 3);
  EXPECT_THAT(Events(), ElementsAre(3));
  Restart();
  EXPECT_EQ(engine_->view().position().sequence, 3);
  ASSERT_THAT(sweeper_->Step(), IsOk());
  EXPECT_THAT(Events(), ElementsAre(3));
}

TEST_F(SweeperTest, ACommitThatFailsDropsNothingAndIsMadeAgain) {
  FireAndEnd("minerals/x");
  SetAll(DeliveryState::kDelivered);
  clock_.Advance(366 * kDay);
  store_.FailWrites(true);
  EXPECT_THAT(sweeper_->Step(), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Deliveries(), SizeIs(2));
  EXPECT_EQ(Dropped("delivery"), 0);
  EXPECT_EQ(MetricValue(registry_, "orewatch_alerting_evaluation_failures_total", {{"reason", "storage"}}), 0);
  store_.FailWrites(false);
  ASSERT_THAT(sweeper_->Step(), IsOk());
  EXPECT_THAT(Deliveries(), IsEmpty());
  EXPECT_THAT(Events(), IsEmpty());
}

TEST_F(SweeperTest, WhoLosesTheLeaseDropsNothing) {
  FireAndEnd("minerals/x");
  SetAll(DeliveryState::kDelivered);
  clock_.Advance(366 * kDay);
  store_.EndLease();
  EXPECT_THAT(sweeper_->Step(), HasCode(absl::StatusCode::kAborted));
  EXPECT_THAT(Deliveries(), SizeIs(2));
}

TEST_F(SweeperTest, MuchIsDroppedInManySmallCommitsAndNotInOneStep) {
  constexpr int64_t kMuch = (Sweeper::kBatchesAStep + 1) * Sweeper::kBatch;
  Commit commit{.base = store_.Load()->version};
  for (int64_t i = 1; i <= kMuch; ++i) {
    commit.deliveries.push_back({.sequence = i, .target = "hook", .alert_id = "a", .create_time = clock_.Now()});
    commit.deliveries.back().state = DeliveryState::kDelivered;
  }
  ASSERT_THAT(store_.Write(commit), IsOk());
  ASSERT_THAT(engine_->Hear(store_.Load()->version), IsOk());
  clock_.Advance(91 * kDay);
  const int64_t before = store_.Load()->version.number;
  ASSERT_THAT(sweeper_->Step(), IsOk());
  EXPECT_THAT(Deliveries(), SizeIs(Sweeper::kBatch));
  EXPECT_EQ(store_.Load()->version.number - before, Sweeper::kBatchesAStep);
  ASSERT_THAT(sweeper_->Step(), IsOk());
  EXPECT_THAT(Deliveries(), IsEmpty());
}

TEST_F(SweeperTest, APassBeginsOnceAnHour) {
  FireAndEnd("minerals/x");
  SetAll(DeliveryState::kDelivered);
  clock_.Advance(90 * kDay - absl::Minutes(10));
  ASSERT_THAT(sweeper_->Step(), IsOk());
  clock_.Advance(absl::Minutes(20));
  ASSERT_THAT(sweeper_->Step(), IsOk());
  EXPECT_THAT(Deliveries(), SizeIs(2));
  clock_.Advance(Sweeper::kPassEvery - absl::Minutes(20));
  ASSERT_THAT(sweeper_->Step(), IsOk());
  EXPECT_THAT(Deliveries(), IsEmpty());
}

}  // namespace
}  // namespace orewatch::alerting
