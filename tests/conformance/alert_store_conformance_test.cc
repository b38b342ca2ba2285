// What both engines of alerting's store promise, each over real storage.
#include <functional>
#include <limits>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "prometheus/registry.h"
#include "services/alerting/store/postgres/postgres_alert_store.h"
#include "services/alerting/store/sample_world.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"
#include "tests/conformance/alert_store_engines.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/tcp_proxy.h"

namespace orewatch::alerting {
namespace {

constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::SharedPostgresServer;
using ::orewatch::testing::TcpProxy;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Ne;
using ::testing::SizeIs;

constexpr absl::Duration kLife = absl::Minutes(1);

class AlertStoreTest : public ::testing::TestWithParam<EngineCase> {
 protected:
  void SetUp() override {
    engine_ = GetParam().make();
    store_ = Open();
    version_ = Load(*store_).version;
  }
  std::unique_ptr<AlertStore> Open() {
    auto opened = engine_->Open();
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }
  static StoredWorld Load(AlertStore& store) {
    auto loaded = store.Load();
    EXPECT_THAT(loaded, IsOk());
    return *std::move(loaded);
  }
  absl::Status Write(Commit commit) {
    commit.base = version_;
    auto written = store_->Write(commit);
    if (written.ok()) {
      version_ = *written;
    }
    return written.status();
  }
  absl::Status WriteStep(const std::function<void(Reconciler&)>& step) {
    Reconciler reconciler(world_, kSampleTime);
    step(reconciler);
    return Write({.changes = reconciler.TakeChanges()});
  }
  void Fill() { ASSERT_THAT(Write({.changes = FillSampleWorld(world_)}), IsOk()); }
  int64_t Lease(AlertStore& store, const std::string& holder) {
    const auto epoch = store.TakeLease(holder, kLife);
    EXPECT_THAT(epoch, IsOk());
    return epoch->value_or(0);
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<AlertStore> store_;
  // What has been written.
  World world_;
  Version version_;
};

TEST_P(AlertStoreTest, AnEmptyStoreIsAnEmptyWorld) {
  EXPECT_EQ(Load(*store_).world, World());
  EXPECT_EQ(version_.number, 0);
  EXPECT_THAT(version_.token, Ne(""));
}

TEST_P(AlertStoreTest, AReopenedStoreHoldsTheSameWorldAtTheSameVersion) {
  Fill();
  const StoredWorld stored = Load(*Open());
  EXPECT_EQ(stored.world, world_);
  EXPECT_EQ(stored.version, version_);
  EXPECT_EQ(version_.number, 1);
}

TEST_P(AlertStoreTest, DeletedRulesAndRemovedScoresAreGone) {
  Fill();
  ASSERT_THAT(WriteStep([](Reconciler& step) {
                step.DeleteRule("waits");
                ScoreBatch batch = SampleBatch(8, {});
                batch.removed = {SampleKey("minerals/b")};
                step.ApplyScores(batch);
              }),
              IsOk());
  EXPECT_EQ(Load(*Open()).world, world_);
}

TEST_P(AlertStoreTest, ACommitOnAnOlderVersionIsRefusedWhole) {
  const Version before = version_;
  Fill();
  World other;
  Commit late{.base = before, .changes = FillSampleWorld(other)};
  late.changes.deleted_rules = {"waits"};
  EXPECT_THAT(store_->Write(late).status(), HasError(absl::StatusCode::kAborted, "STALE_STATE"));
  late.base = {version_.number, "another token"};
  EXPECT_THAT(store_->Write(late).status(), HasError(absl::StatusCode::kAborted, "STALE_STATE"));
  EXPECT_EQ(Load(*store_).world, world_);
}

TEST_P(AlertStoreTest, OfCommitsOnOneVersionOneIsTaken) {
  constexpr int kWriters = 4;
  std::vector<std::unique_ptr<AlertStore>> stores;
  stores.reserve(kWriters);
  for (int i = 0; i < kWriters; ++i) {
    stores.push_back(Open());
  }
  absl::Mutex mutex;
  int taken = 0;
  std::vector<std::thread> writers;
  writers.reserve(kWriters);
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      World world;
      Reconciler step(world, kSampleTime);
      step.PutRule(SampleRule(absl::StrCat("rule-", i)));
      const auto written = stores[static_cast<size_t>(i)]->Write({.base = version_, .changes = step.TakeChanges()});
      absl::MutexLock lock(&mutex);
      taken += written.ok() ? 1 : 0;
      if (!written.ok()) {
        EXPECT_THAT(written.status(), HasError(absl::StatusCode::kAborted, "STALE_STATE"));
      }
    });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  EXPECT_EQ(taken, 1);
  EXPECT_THAT(Load(*store_).world.rules, SizeIs(1));
}

TEST_P(AlertStoreTest, CatchingUpGivesWhatOthersCommitted) {
  Fill();
  StoredWorld follower = Load(*store_);
  ASSERT_THAT(WriteStep([](Reconciler& step) {
                step.PutRule(SampleRule("new"));
                step.DeleteRule("waits");
                step.ApplyScores(SampleBatch(8, {SampleScore("minerals/a", 0.1, 8)}));
              }),
              IsOk());
  ASSERT_THAT(WriteStep([](Reconciler& step) {
                ScoreBatch batch = SampleBatch(9, {});
                batch.removed = {SampleKey("minerals/b")};
                step.ApplyScores(batch);
                step.LoseInput();
              }),
              IsOk());
  auto advance = Open()->CatchUp(follower.version, {});
  ASSERT_THAT(advance, IsOk());
  Apply(advance->changes, follower.world);
  EXPECT_EQ(follower.world, world_);
  EXPECT_EQ(advance->version, version_);
}

TEST_P(AlertStoreTest, WhatWasNotCommittedIsTakenBackByCatchingUp) {
  Fill();
  World dirty = world_;
  Reconciler step(dirty, kSampleTime + absl::Minutes(5));
  step.PutRule(SampleRule("never"));
  step.DeleteRule("at-once");
  step.ApplyScores(SampleBatch(8, {SampleScore("minerals/a", 0.1, 8), SampleScore("minerals/new", 9, 8)}));
  step.AdvanceGrid();
  const Changes uncommitted = step.TakeChanges();
  ASSERT_NE(dirty, world_);
  auto advance = store_->CatchUp(version_, uncommitted);
  ASSERT_THAT(advance, IsOk());
  Forget(uncommitted, dirty);
  Apply(advance->changes, dirty);
  EXPECT_EQ(dirty, world_);
}

TEST_P(AlertStoreTest, AVersionOfAnotherHistoryCannotCatchUp) {
  Fill();
  EXPECT_THAT(store_->CatchUp({0, "another token"}, {}).status(), HasError(absl::StatusCode::kOutOfRange, "MUST_LOAD"));
  EXPECT_THAT(store_->CatchUp({9, version_.token}, {}).status(), HasError(absl::StatusCode::kOutOfRange, "MUST_LOAD"));
}

TEST_P(AlertStoreTest, WhoIsFarBehindLoads) {
  const Version before = version_;
  std::vector<ScoreValue> scores;
  scores.reserve(AlertStore::kMaxAdvance + 1);
  for (int i = 0; i <= AlertStore::kMaxAdvance; ++i) {
    scores.push_back(SampleScore(absl::StrCat("minerals/m", i), 0.5, 1));
  }
  ASSERT_THAT(WriteStep([&](Reconciler& step) { step.ApplyScores(SampleBatch(1, std::move(scores))); }), IsOk());
  EXPECT_THAT(store_->CatchUp(before, {}).status(), HasError(absl::StatusCode::kOutOfRange, "MUST_LOAD"));
  EXPECT_EQ(Load(*store_).world, world_);
}

TEST_P(AlertStoreTest, TransitionsAreReadInOrderAndByPage) {
  const Changes changes = FillSampleWorld(world_);
  ASSERT_THAT(changes.transitions, SizeIs(2));
  ASSERT_THAT(Write({.changes = changes}), IsOk());
  EXPECT_THAT(*store_->TransitionsAfter(0, 10), ElementsAreArray(changes.transitions));
  EXPECT_THAT(*store_->TransitionsAfter(0, 1), ElementsAreArray({changes.transitions[0]}));
  EXPECT_THAT(*store_->TransitionsAfter(1, 10), ElementsAreArray({changes.transitions[1]}));
  EXPECT_THAT(*store_->TransitionsAfter(2, 10), IsEmpty());
}

TEST_P(AlertStoreTest, EventsThatACommitDropsAreGoneAndNothingElse) {
  Fill();
  const auto other = Open();
  const Version before = version_;
  Commit commit{.dropped = {.entries = {1}}};
  commit.changes.position = world_.position();
  ASSERT_THAT(Write(commit), IsOk());
  for (AlertStore* store : {store_.get(), other.get()}) {
    const auto left = *store->TransitionsAfter(0, 10);
    ASSERT_THAT(left, SizeIs(1));
    EXPECT_EQ(left[0].after.sequence, 2);
  }
  const auto advance = other->CatchUp(before, {});
  ASSERT_THAT(advance, IsOk());
  EXPECT_EQ(advance->version, version_);
  EXPECT_TRUE(advance->changes.OnlyPosition());
  EXPECT_EQ(Load(*Open()).world, world_);
}

TEST_P(AlertStoreTest, ATimelineIsTheNewestPartOfOneAlertOldestFirst) {
  Fill();
  for (int64_t revision = 8; revision < 12; ++revision) {
    const double value = revision % 2 == 0 ? 0.1 : 2.0;
    ASSERT_THAT(WriteStep([&](Reconciler& step) {
                  step.ApplyScores(SampleBatch(revision, {SampleScore("minerals/a", value, revision)}));
                }),
                IsOk());
  }
  auto timeline = store_->Timeline({.rule = "at-once", .score = SampleKey("minerals/a")}, kEnd, 3);
  ASSERT_THAT(timeline, IsOk());
  ASSERT_THAT(*timeline, SizeIs(3));
  EXPECT_EQ((*timeline)[0].revision.number, 9);
  EXPECT_EQ((*timeline)[2].revision.number, 11);
  EXPECT_EQ((*timeline)[2].after.state, AlertState::kFiring);
  const auto earlier = store_->Timeline(timeline->front().after.key, timeline->back().after.sequence, 2);
  EXPECT_THAT(*earlier, ElementsAre((*timeline)[0], (*timeline)[1]));
}

TEST_P(AlertStoreTest, AnAnswerMayBeAnAlert) {
  Fill();
  const Alert alert = world_.alerts.begin()->second;
  ASSERT_THAT(
      Write({.request =
                 AnsweredRequest{
                     .principal = "ann", .request_id = "1", .fingerprint = "f", .answer = alert, .time = kSampleTime}}),
      IsOk());
  EXPECT_EQ(std::get<Alert>((*Open()->FindAnswer("ann", "1", kSampleTime))->answer), alert);
}

TEST_P(AlertStoreTest, AnAnswerIsFoundByItsCallerAloneAndForADay) {
  AnsweredRequest request{
      .principal = "ann", .request_id = "1", .fingerprint = "f", .answer = SampleRule("r"), .time = kSampleTime};
  ASSERT_THAT(Write({.request = request}), IsOk());
  auto found = Open()->FindAnswer("ann", "1", kSampleTime - absl::Hours(24));
  ASSERT_THAT(found, IsOk());
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->answer, request.answer);
  EXPECT_EQ((*found)->fingerprint, "f");
  EXPECT_THAT(*store_->FindAnswer("bob", "1", absl::UnixEpoch()), Eq(std::nullopt));
  EXPECT_THAT(*store_->FindAnswer("ann", "1", kSampleTime + absl::Seconds(1)), Eq(std::nullopt));
  request.request_id = "2";
  request.time += absl::Hours(25);
  ASSERT_THAT(Write({.request = request}), IsOk());
  EXPECT_THAT(*store_->FindAnswer("ann", "1", absl::UnixEpoch()), Eq(std::nullopt));
}

TEST_P(AlertStoreTest, ThatDefaultsWereLoadedIsNeverForgotten) {
  EXPECT_FALSE(*store_->DefaultsLoaded());
  ASSERT_THAT(Write({.defaults_loaded = true}), IsOk());
  ASSERT_THAT(Write({}), IsOk());
  EXPECT_TRUE(*Open()->DefaultsLoaded());
}

TEST_P(AlertStoreTest, TheSecretIsTheSameForAllAndOfOneDatabaseAlone) {
  EXPECT_EQ(store_->identity().secret.size(), 32);
  EXPECT_EQ(store_->identity().lineage.size(), 32);
  EXPECT_EQ(Open()->identity().secret, store_->identity().secret);
  EXPECT_EQ(Open()->identity().lineage, store_->identity().lineage);
  const auto other = GetParam().make();
  EXPECT_NE((*other->Open())->identity().secret, store_->identity().secret);
  EXPECT_NE((*other->Open())->identity().lineage, store_->identity().lineage);
}

TEST_P(AlertStoreTest, TheLeaseIsKeptByWhoHasIt) {
  const int64_t epoch = Lease(*store_, "a");
  EXPECT_NE(epoch, 0);
  EXPECT_EQ(Lease(*store_, "a"), epoch);
  EXPECT_THAT(Write({.epoch = epoch, .changes = FillSampleWorld(world_)}), IsOk());
}

TEST_P(AlertStoreTest, WhatIsWrittenUnderAnEpochThatIsOverIsRefused) {
  const int64_t epoch = Lease(*store_, "a");
  ASSERT_THAT(store_->GiveUpLease(epoch), IsOk());
  const auto other = Open();
  const int64_t next = Lease(*other, "b");
  EXPECT_GT(next, epoch);
  EXPECT_THAT(Write({.epoch = epoch, .changes = FillSampleWorld(world_)}),
              HasError(absl::StatusCode::kAborted, "LEASE_LOST"));
  EXPECT_EQ(Load(*store_).version, version_);
  world_ = World();
  EXPECT_THAT(Write({.epoch = next, .changes = FillSampleWorld(world_)}), IsOk());
  EXPECT_THAT(Write({}), IsOk()) << "what needs no lease is written by all";
}

INSTANTIATE_TEST_SUITE_P(Engines, AlertStoreTest, EveryEngine(), NameOfEngine);

// What only replicas need.
class SharedAlertStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<PostgresAlertStore> Open() { return Open(SharedPostgresServer().Address(database_)); }
  std::unique_ptr<PostgresAlertStore> Open(const std::string& address) {
    PostgresAlertStore::Options options;
    options.database = address;
    auto opened = PostgresAlertStore::Open(options, metrics_.emplace_back());
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }

  const std::string database_ = SharedPostgresServer().CreateDatabase();
  std::list<prometheus::Registry> metrics_;
};

TEST_F(SharedAlertStoreTest, ALeaseIsTakenOverWhenItHasEndedByTheServersClock) {
  const auto first = Open();
  const auto second = Open();
  const auto epoch = first->TakeLease("a", absl::Milliseconds(300));
  ASSERT_THAT(epoch, IsOk());
  EXPECT_THAT(*second->TakeLease("b", kLife), Eq(std::nullopt));
  std::optional<int64_t> taken;
  while (!taken.has_value()) {
    taken = *second->TakeLease("b", kLife);
  }
  EXPECT_EQ(*taken, **epoch + 1);
  EXPECT_THAT(*first->TakeLease("a", kLife), Eq(std::nullopt));
  EXPECT_THAT(first->Write({.base = first->Load()->version, .epoch = **epoch}).status(),
              HasError(absl::StatusCode::kAborted, "LEASE_LOST"));
}

TEST_F(SharedAlertStoreTest, FollowersHearOfCommits) {
  const auto writer = Open();
  const auto reader = Open();
  absl::Mutex mutex;
  Version heard;
  const auto following = reader->Follow([&](const Version& version) {
    absl::MutexLock lock(&mutex);
    heard = version;
  });
  Version written = writer->Load()->version;
  for (int i = 0; i < 3; ++i) {
    written = *writer->Write({.base = written});
    const auto arrived = [&] { return heard == written; };
    absl::MutexLock lock(&mutex);
    EXPECT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&arrived), absl::Seconds(30)));
  }
}

TEST_F(SharedAlertStoreTest, ACommitWhoseAnswerWasLostIsAcknowledgedOnce) {
  TcpProxy proxy(SharedPostgresServer().port());
  const auto store = Open(SharedPostgresServer().TcpAddress(database_, proxy.port()));
  const auto first = store->Write({.base = store->Load()->version});
  ASSERT_THAT(first, IsOk());
  proxy.CutAtAnswer("COMMIT");
  World world;
  const auto second = store->Write({.base = *first, .changes = FillSampleWorld(world)});
  EXPECT_TRUE(proxy.cut());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(store->Load()->version, *second);
  EXPECT_EQ(store->Load()->world, world);
  EXPECT_THAT(store->Write({.base = *second}), IsOk());
}

TEST_F(SharedAlertStoreTest, ACommitThatNeverReachedTheServerLeavesNoTrace) {
  TcpProxy proxy(SharedPostgresServer().port());
  const auto store = Open(SharedPostgresServer().TcpAddress(database_, proxy.port()));
  const auto first = store->Write({.base = store->Load()->version});
  ASSERT_THAT(first, IsOk());
  // The announcement is sent along with the COMMIT.
  proxy.CutAtQuestion("orewatch_alerting");
  World world;
  const Commit lost{.base = *first, .changes = FillSampleWorld(world)};
  EXPECT_THAT(store->Write(lost).status(), HasError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE"));
  EXPECT_TRUE(proxy.cut());
  EXPECT_EQ(store->Load()->version, *first);
  EXPECT_EQ(store->Load()->world, World());
  EXPECT_THAT(store->Write(lost), IsOk());
}

TEST_F(SharedAlertStoreTest, ADatabaseThatWasSetBackIsAnotherHistory) {
  const auto store = Open();
  const Version first = store->Load()->version;
  const Version lost = *store->Write({.base = first});
  const auto admin = storage::Postgres::Open({SharedPostgresServer().Address(database_)});
  ASSERT_THAT(admin, IsOk());
  ASSERT_THAT((*admin)->Execute("DELETE FROM commits WHERE version > 0;"
                                "UPDATE head SET version = 0, token = (SELECT token FROM commits)"),
              IsOk());
  const Version other = *store->Write({.base = first});
  EXPECT_EQ(other.number, lost.number);
  EXPECT_THAT(store->CatchUp(lost, {}).status(), HasError(absl::StatusCode::kOutOfRange, "MUST_LOAD"));
  EXPECT_THAT(store->Write({.base = lost}).status(), HasError(absl::StatusCode::kAborted, "STALE_STATE"));
}

}  // namespace
}  // namespace orewatch::alerting
