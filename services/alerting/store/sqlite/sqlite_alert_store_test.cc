#include "services/alerting/store/sqlite/sqlite_alert_store.h"

#include <unistd.h>

#include <filesystem>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/storage/sqlite.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/store/sqlite/schema.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

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
    for (const auto* suffix : {"", "-wal", "-shm", ".history"}) {
      std::filesystem::remove(path_ + suffix);
    }
  }
  void Open() {
    store_.reset();
    auto store = SqliteAlertStore::Open(path_);
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
  }
  const std::string path_;
  std::unique_ptr<SqliteAlertStore> store_;
};

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
  auto stored = store_->Load();
  ASSERT_THAT(stored, IsOk());
  const World* world = &stored->world;
  EXPECT_EQ(world->applied, (Revision{"l", 7}));
  EXPECT_EQ(world->sequence, 1);
  EXPECT_EQ(world->rules.at("r").condition, Condition(Threshold{.raise = 5, .clear = 4}));
  EXPECT_EQ(world->scores.begin()->second.certainty, Certainty());
  const Alert& alert = world->alerts.begin()->second;
  EXPECT_EQ(alert.state, AlertState::kFiring);
  EXPECT_EQ(alert.certainty, Certainty());
  auto transitions = store_->TransitionsAfter(0, 10);
  ASSERT_THAT(transitions, IsOk());
  ASSERT_THAT(*transitions, SizeIs(1));
  EXPECT_EQ((*transitions)[0].after, alert);
  EXPECT_EQ((*transitions)[0].revision.number, 7);
  EXPECT_EQ(std::get<Rule>((*store_->FindAnswer("ann", "1", absl::UnixEpoch()))->answer), world->rules.at("r"));
}

TEST_F(SqliteAlertStoreTest, TheReleaseBeforeLeavesEveryFieldBehind) {
  store_.reset();
  RemoveFiles();
  {
    auto db = storage::Sqlite::Open(path_);
    ASSERT_THAT(db, IsOk());
    ASSERT_THAT(Migrate(**db, 2), IsOk());
    ASSERT_THAT((*db)->Execute(R"sql(
INSERT INTO rule VALUES ('r', 'R', 'minerals/a', 3, 'blocs/EU', 3, 5.5, 4.5, 180000000000, 2, 'why', 1, 'etag', 2);
INSERT INTO score VALUES ('minerals/a', 3, 'blocs/EU', 3, 6.5, 7, 6.0, 7.0, 2, 'WITHHELD:US' || char(10) || 'X');
INSERT INTO alert VALUES ('r', 'minerals/a', 3, 'blocs/EU', 3, 2, 2, 6.5, 1000, 2000, 3000, 9, 11, 12, 6.0, 7.0, 2, 'X');
INSERT INTO transition VALUES ('r', 'minerals/a', 3, 'blocs/EU', 3, 2, 2, 6.5, 1000, 2000, 3000, 9, 11, 12, 1, 1, 1001,
  'l', 7, 6.0, 7.0, 2, 'X');
UPDATE position SET lineage = 'l', revision = 7, tick = 12, defaults_loaded = 1;)sql"),
                IsOk());
  }
  Open();
  const ScoreKey key{.subject = "minerals/a", .stage = 3, .importer = "blocs/EU", .method = 3};
  Rule rule;
  rule.id = "r";
  rule.display_name = "R";
  rule.target = key;
  rule.condition = Threshold{.raise = 5.5, .clear = 4.5, .measured_by = Measure::kLowerBound};
  rule.hold = absl::Minutes(3);
  rule.severity = Severity::kWarning;
  rule.reason = "why";
  rule.disabled = true;
  rule.etag = "etag";
  Alert alert;
  alert.key = {.rule = "r", .score = key};
  alert.state = AlertState::kPending;
  alert.severity = Severity::kWarning;
  alert.value = 6.5;
  alert.certainty = {.lower = 6.0, .upper = 7.0, .completeness = 2, .reasons = {"X"}};
  alert.pending_time = absl::FromUnixNanos(1000);
  alert.fire_time = absl::FromUnixNanos(2000);
  alert.resolve_time = absl::FromUnixNanos(3000);
  alert.sequence = 9;
  alert.window_start = 11;
  alert.window_end = 12;
  const auto stored = store_->Load();
  ASSERT_THAT(stored, IsOk());
  EXPECT_EQ(stored->world.rules.at("r"), rule);
  EXPECT_EQ(stored->world.alerts.at(alert.key), alert);
  EXPECT_EQ(stored->world.scores.at(key),
            (ScoreValue{.key = key,
                        .value = 6.5,
                        .certainty = {.lower = 6.0, .upper = 7.0, .completeness = 2, .reasons = {"WITHHELD:US", "X"}},
                        .revision = 7}));
  EXPECT_EQ(stored->world.position(), (WorldPosition{.applied = {"l", 7}, .tick = 12, .sequence = 9}));
  EXPECT_TRUE(*store_->DefaultsLoaded());
  EXPECT_THAT(*store_->Timeline(alert.key, kEnd, 10), ElementsAre(Transition{.from = AlertState::kInactive,
                                                                             .reason = Reason::kConditionMet,
                                                                             .time = absl::FromUnixNanos(1001),
                                                                             .revision = {"l", 7},
                                                                             .after = alert}));
}

TEST_F(SqliteAlertStoreTest, WhoeverOpenedTheFileLastHasTheLease) {
  const auto epoch = store_->TakeLease("a", absl::Minutes(1));
  ASSERT_THAT(epoch, IsOk());
  ASSERT_TRUE(epoch->has_value());
  const auto second = SqliteAlertStore::Open(path_);
  ASSERT_THAT(second, IsOk());
  EXPECT_FALSE(store_->TakeLease("a", absl::Minutes(1))->has_value());
  EXPECT_THAT(store_->Write({.base = store_->Load()->version, .epoch = **epoch}).status(),
              HasError(absl::StatusCode::kAborted, "LEASE_LOST"));
}

TEST_F(SqliteAlertStoreTest, AFileThatIsSetBackGoesOnAsAnotherHistory) {
  const std::string copy = path_ + ".copy";
  const auto write = [&] { return store_->Write({.base = store_->Load()->version}).status(); };
  ASSERT_THAT(write(), IsOk());
  const StoreIdentity before = store_->identity();
  store_.reset();
  std::filesystem::copy_file(path_, copy, std::filesystem::copy_options::overwrite_existing);
  Open();
  EXPECT_EQ(store_->identity().lineage, before.lineage);
  ASSERT_THAT(write(), IsOk());
  store_.reset();
  std::filesystem::rename(copy, path_);
  Open();
  const std::string renewed = store_->identity().lineage;
  EXPECT_NE(renewed, before.lineage);
  EXPECT_NE(store_->identity().secret, before.secret);
  Open();
  EXPECT_EQ(store_->identity().lineage, renewed);
}

TEST_F(SqliteAlertStoreTest, AFileThatIsSetBackWithItsMarkGoesOnAsAnotherHistory) {
  const auto write = [&] { return store_->Write({.base = store_->Load()->version}).status(); };
  const auto copy = [&](const std::string& from, const std::string& to) {
    for (const auto* suffix : {"", ".history"}) {
      std::filesystem::copy_file(from + suffix, to + suffix, std::filesystem::copy_options::overwrite_existing);
    }
  };
  ASSERT_THAT(write(), IsOk());
  const std::string before = store_->identity().lineage;
  store_.reset();
  copy(path_, path_ + ".copy");
  Open();
  ASSERT_THAT(write(), IsOk());
  store_.reset();
  copy(path_ + ".copy", path_);
  Open();
  EXPECT_NE(store_->identity().lineage, before);
}

TEST_F(SqliteAlertStoreTest, AFileThatIsMovedAloneGoesOnAsAnotherHistory) {
  ASSERT_THAT(store_->Write({.base = store_->Load()->version}).status(), IsOk());
  const std::string before = store_->identity().lineage;
  store_.reset();
  std::filesystem::remove(path_ + ".history");
  Open();
  EXPECT_NE(store_->identity().lineage, before);
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
