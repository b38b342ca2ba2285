#include "services/alerting/store/sqlite/sqlite_alert_store.h"

#include <unistd.h>

#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/storage/sqlite.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/domain/reconciler.h"
#include "services/alerting/store/sqlite/schema.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAreArray;
using ::testing::Eq;
using ::testing::SizeIs;

const absl::Time kNow = TimeOf(1000) + absl::Nanoseconds(123456789);

ScoreKey Key(const std::string& subject) {
  return {.subject = subject, .stage = 3, .importer = "blocs/EU", .method = 3};
}

Rule MakeRule(const std::string& id, int hold_minutes) {
  Rule rule;
  rule.id = id;
  rule.display_name = "Zu \"viel\" ü";
  rule.target = {.subject = "", .stage = 3, .importer = "blocs/EU", .method = 3};
  rule.raise_threshold = 1.1;
  rule.clear_threshold = 0.9;
  rule.hold = absl::Minutes(hold_minutes);
  rule.severity = Severity::kCritical;
  rule.reason = "because";
  rule.measured_by = Measure::kLowerBound;
  rule.etag = EtagOf(rule);
  return rule;
}

ScoreBatch BatchOf(int64_t revision, std::vector<ScoreValue> scores) {
  ScoreBatch batch;
  batch.revision.lineage = "lineage";
  batch.revision.number = revision;
  batch.scores = std::move(scores);
  return batch;
}

class SqliteAlertStoreTest : public ::testing::Test {
 protected:
  SqliteAlertStoreTest()
      : path_((std::filesystem::path(::testing::TempDir()) /
               absl::StrCat("alerting-", getpid(), "-", ::testing::UnitTest::GetInstance()->current_test_info()->name(),
                            ".db"))
                  .string()) {
    RemoveFiles();
    Open();
  }
  ~SqliteAlertStoreTest() override {
    store_.reset();
    RemoveFiles();
  }
  void RemoveFiles() {
    for (const auto* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(path_ + suffix);
    }
  }
  void Open() {
    store_.reset();
    auto store = SqliteAlertStore::Open(path_);
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
  }
  // A world with each kind of thing in it, and the changes that lead there.
  Changes Fill() {
    Reconciler step(world_, kNow);
    step.PutRule(MakeRule("at-once", 0));
    step.PutRule(MakeRule("waits", 3));
    step.ApplyScores(BatchOf(
        7, {{.key = Key("minerals/a"),
             .value = 2.5,
             .certainty =
                 {.lower = 1.5, .upper = std::nullopt, .completeness = 2, .reasons = {"WITHHELD:US", "UNKNOWN:ZZ"}},
             .revision = 6},
            {.key = Key("minerals/b"), .value = std::nullopt, .revision = 7}}));
    step.AdvanceGrid();
    return step.TakeChanges();
  }

  const std::string path_;
  std::unique_ptr<SqliteAlertStore> store_;
  World world_;
};

TEST_F(SqliteAlertStoreTest, AnEmptyStoreIsAnEmptyWorld) {
  auto world = store_->Load();
  ASSERT_THAT(world, IsOk());
  EXPECT_EQ(*world, World());
}

TEST_F(SqliteAlertStoreTest, AReopenedStoreHoldsTheSameWorld) {
  ASSERT_THAT(store_->Write({.changes = Fill()}), IsOk());
  Open();
  auto world = store_->Load();
  ASSERT_THAT(world, IsOk());
  EXPECT_EQ(*world, world_);
}

TEST_F(SqliteAlertStoreTest, DeletedRulesAndRemovedScoresAreGone) {
  ASSERT_THAT(store_->Write({.changes = Fill()}), IsOk());
  Reconciler step(world_, kNow);
  step.DeleteRule("waits");
  ScoreBatch batch = BatchOf(8, {});
  batch.removed = {Key("minerals/b")};
  step.ApplyScores(batch);
  ASSERT_THAT(store_->Write({.changes = step.TakeChanges()}), IsOk());
  Open();
  auto world = store_->Load();
  ASSERT_THAT(world, IsOk());
  EXPECT_EQ(*world, world_);
}

TEST_F(SqliteAlertStoreTest, ASequenceThatIsTakenRollsEverythingBack) {
  const Changes changes = Fill();
  ASSERT_THAT(store_->Write({.changes = changes}), IsOk());
  Changes clash = changes;
  clash.applied.number = 99;
  clash.deleted_rules = {"waits"};
  EXPECT_THAT(store_->Write({.changes = clash}), HasCode(absl::StatusCode::kAlreadyExists));
  auto world = store_->Load();
  ASSERT_THAT(world, IsOk());
  EXPECT_EQ(*world, world_);
}

TEST_F(SqliteAlertStoreTest, TransitionsAreReadInOrderAndByPage) {
  const Changes changes = Fill();
  ASSERT_THAT(changes.transitions, SizeIs(2));
  ASSERT_THAT(store_->Write({.changes = changes}), IsOk());
  auto all = store_->TransitionsAfter(0, 10);
  ASSERT_THAT(all, IsOk());
  EXPECT_THAT(*all, ElementsAreArray(changes.transitions));
  auto first = store_->TransitionsAfter(0, 1);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(*first, ElementsAreArray({changes.transitions[0]}));
  auto rest = store_->TransitionsAfter(1, 10);
  ASSERT_THAT(rest, IsOk());
  EXPECT_THAT(*rest, ElementsAreArray({changes.transitions[1]}));
}

TEST_F(SqliteAlertStoreTest, ATimelineIsTheNewestPartOfOneAlertOldestFirst) {
  ASSERT_THAT(store_->Write({.changes = Fill()}), IsOk());
  for (int64_t revision = 8; revision < 12; ++revision) {
    Reconciler step(world_, kNow);
    const double value = revision % 2 == 0 ? 0.1 : 2.0;
    step.ApplyScores(BatchOf(
        revision, {{.key = Key("minerals/a"), .value = value, .certainty = {.lower = value}, .revision = revision}}));
    ASSERT_THAT(store_->Write({.changes = step.TakeChanges()}), IsOk());
  }
  auto timeline =
      store_->Timeline({.rule = "at-once", .score = Key("minerals/a")}, std::numeric_limits<int64_t>::max(), 3);
  ASSERT_THAT(timeline, IsOk());
  ASSERT_THAT(*timeline, SizeIs(3));
  EXPECT_EQ((*timeline)[0].revision.number, 9);
  EXPECT_EQ((*timeline)[2].revision.number, 11);
  EXPECT_EQ((*timeline)[2].after.state, AlertState::kFiring);
}

TEST_F(SqliteAlertStoreTest, AnAnswerIsFoundByItsCallerAloneAndForADay) {
  const AnsweredRequest request{
      .principal = "ann", .request_id = "1", .fingerprint = "f", .answer = MakeRule("r", 0), .time = kNow};
  ASSERT_THAT(store_->Write({.changes = {}, .request = request}), IsOk());
  auto found = store_->FindAnswer("ann", "1", kNow - absl::Hours(24));
  ASSERT_THAT(found, IsOk());
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->answer, request.answer);
  EXPECT_EQ((*found)->fingerprint, "f");
  EXPECT_THAT(*store_->FindAnswer("bob", "1", absl::UnixEpoch()), Eq(std::nullopt));
  EXPECT_THAT(*store_->FindAnswer("ann", "1", kNow + absl::Seconds(1)), Eq(std::nullopt));
}

TEST_F(SqliteAlertStoreTest, ThatDefaultsWereLoadedIsNeverForgotten) {
  EXPECT_FALSE(*store_->DefaultsLoaded());
  ASSERT_THAT(store_->Write({.changes = {}, .request = std::nullopt, .defaults_loaded = true}), IsOk());
  ASSERT_THAT(store_->Write({.changes = {}}), IsOk());
  Open();
  EXPECT_TRUE(*store_->DefaultsLoaded());
}

TEST_F(SqliteAlertStoreTest, AnOldDatabaseOpensWithWhatItHolds) {
  store_.reset();
  RemoveFiles();
  {
    auto db = storage::Sqlite::Open(path_);
    ASSERT_THAT(db, IsOk());
    ASSERT_THAT(Migrate(**db, 1), IsOk());
    ASSERT_THAT((*db)->Execute(R"sql(
INSERT INTO rule VALUES ('r', 'R', '', 3, '', 1, 5.0, 4.0, 0, 3, 'why', 0, 'etag');
INSERT INTO score VALUES ('minerals/a', 3, '', 1, 6.5, 7);
INSERT INTO alert VALUES ('r', 'minerals/a', 3, '', 1, 3, 3, 6.5, NULL, 1000, NULL, 1, 0, 0);
INSERT INTO transition VALUES ('r', 'minerals/a', 3, '', 1, 3, 3, 6.5, NULL, 1000, NULL, 1, 0, 0, 1, 1, 1000, 'l', 7);
INSERT INTO request VALUES ('ann', '1', 'f', 1000, 'r', 'R', '', 3, '', 1, 5.0, 4.0, 0, 3, 'why', 0, 'etag');
UPDATE position SET lineage = 'l', revision = 7;)sql"),
                IsOk());
  }
  Open();
  auto world = store_->Load();
  ASSERT_THAT(world, IsOk());
  EXPECT_EQ(world->rules.at("r").measured_by, Measure::kValue);
  EXPECT_EQ(world->scores.begin()->second.certainty, Certainty());
  const Alert& alert = world->alerts.begin()->second;
  EXPECT_EQ(alert.state, AlertState::kFiring);
  EXPECT_EQ(alert.certainty, Certainty());
  auto transitions = store_->TransitionsAfter(0, 10);
  ASSERT_THAT(transitions, IsOk());
  ASSERT_THAT(*transitions, SizeIs(1));
  EXPECT_EQ((*transitions)[0].after, alert);
  EXPECT_EQ((*transitions)[0].revision.number, 7);
  EXPECT_EQ((*store_->FindAnswer("ann", "1", absl::UnixEpoch()))->answer, world->rules.at("r"));
}

TEST_F(SqliteAlertStoreTest, ASchemaThatANewerReleaseReservedIsRefused) {
  {
    auto db = storage::Sqlite::Open(path_);
    ASSERT_THAT(db, IsOk());
    ASSERT_THAT((*db)->Execute("UPDATE schema_version SET version = 9, oldest_usable = 9"), IsOk());
  }
  EXPECT_THAT(SqliteAlertStore::Open(path_), HasError(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_NEW"));
}

TEST_F(SqliteAlertStoreTest, ASchemaThatANewerReleaseExtendedIsUsed) {
  {
    auto db = storage::Sqlite::Open(path_);
    ASSERT_THAT(db, IsOk());
    ASSERT_THAT((*db)->Execute("UPDATE schema_version SET version = 9"), IsOk());
  }
  EXPECT_THAT(SqliteAlertStore::Open(path_), IsOk());
}

}  // namespace
}  // namespace orewatch::alerting
