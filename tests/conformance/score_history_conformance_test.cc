// What both engines of the score history promise, each over real storage.
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "prometheus/registry.h"
#include "services/risk/store/postgres/postgres_score_history.h"
#include "services/risk/store/sample_records.h"
#include "services/risk/store/sqlite/sqlite_score_history.h"
#include "tests/testing/postgres_server.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::SharedPostgresServer;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
constexpr absl::Duration kLife = absl::Seconds(20);

// Storage of one test, empty at first and gone with the object.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual absl::StatusOr<std::unique_ptr<ScoreHistory>> Open() = 0;
};

class SqliteEngine final : public Engine {
 public:
  absl::StatusOr<std::unique_ptr<ScoreHistory>> Open() override { return SqliteScoreHistory::Open(dir_ / "risk.db"); }

 private:
  const orewatch::testing::TempDir dir_;
};

class PostgresEngine final : public Engine {
 public:
  absl::StatusOr<std::unique_ptr<ScoreHistory>> Open() override {
    PostgresScoreHistory::Options options;
    options.database = SharedPostgresServer().Address(database_);
    return PostgresScoreHistory::Open(options, metrics_.emplace_back());
  }

 private:
  std::string database_ = SharedPostgresServer().CreateDatabase();
  // One for each process that a store stands for.
  std::list<prometheus::Registry> metrics_;
};

struct EngineCase {
  std::string name;
  std::function<std::unique_ptr<Engine>()> make;
  // Whether several processes may have the storage open at once.
  bool shared = false;
  friend std::ostream& operator<<(std::ostream& out, const EngineCase& engine) { return out << engine.name; }
};

class ScoreHistoryTest : public ::testing::TestWithParam<EngineCase> {
 protected:
  void SetUp() override {
    engine_ = GetParam().make();
    history_ = Open();
    epoch_ = Take("first", kNow).value_or(0);
  }
  std::unique_ptr<ScoreHistory> Open() {
    auto opened = engine_->Open();
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }
  std::optional<int64_t> Take(const std::string& holder, absl::Time now) {
    const auto taken = history_->TakeLease(holder, now, kLife);
    EXPECT_THAT(taken, IsOk());
    return *taken;
  }
  static HistoryAppend At(int64_t revision, std::vector<ScoreRecord> records, const std::string& lineage = "one") {
    return {{lineage, revision, absl::StrCat(absl::string_view("digest\0", 7), revision)},
            kNow + absl::Seconds(revision),
            std::move(records)};
  }
  absl::Status Append(int64_t revision, std::vector<ScoreRecord> records) {
    return history_->Append(epoch_, At(revision, std::move(records)));
  }
  static HistoryQuery QueryOf(const ScoreKey& key) {
    HistoryQuery query;
    query.key = key;
    query.limit = 100;
    return query;
  }
  // Revisions, in the order given.
  std::vector<int64_t> Revisions(const HistoryQuery& query) {
    const auto records = history_->List(query);
    EXPECT_THAT(records, IsOk());
    std::vector<int64_t> revisions;
    for (const KeptRecord& kept : *records) {
      revisions.push_back(kept.record.score.changed_revision);
    }
    return revisions;
  }
  std::vector<std::pair<std::string, double>> LatestValues(int limit = 100) {
    std::vector<std::pair<std::string, double>> values;
    std::optional<ScoreKey> after;
    for (;;) {
      const auto page = history_->Latest(after, limit);
      EXPECT_THAT(page, IsOk());
      for (const ScoreRecord& record : *page) {
        values.emplace_back(record.score.key.subject, record.score.estimate.value.value_or(-1));
        after = record.score.key;
      }
      if (page->size() < static_cast<size_t>(limit)) {
        return values;
      }
    }
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<ScoreHistory> history_;
  int64_t epoch_ = 0;
  const ScoreKey tin_ = SampleKey("minerals/tin");
  const ScoreKey zinc_ = SampleKey("minerals/zinc");
};

TEST_P(ScoreHistoryTest, WhoShareTheStorageShareASecret) {
  const std::string secret = history_->secret();
  EXPECT_EQ(secret.size(), 32U);
  if (!GetParam().shared) {
    history_.reset();
  }
  EXPECT_EQ(Open()->secret(), secret);
  const auto other = GetParam().make();
  EXPECT_NE((*other->Open())->secret(), secret);
}

TEST_P(ScoreHistoryTest, IsEmptyAtFirst) {
  EXPECT_EQ(*history_->Position(), HistoryPosition());
  EXPECT_THAT(LatestValues(), IsEmpty());
  EXPECT_THAT(*history_->RecordedUpTo(100), Eq(std::nullopt));
  EXPECT_THAT(Revisions(QueryOf(tin_)), IsEmpty());
}

TEST_P(ScoreHistoryTest, KeepsARecordAsItWasAlsoAfterARestart) {
  const ScoreRecord record = SampleRecord(tin_, 4000);
  ASSERT_THAT(Append(7, {record, SampleRecord(zinc_, 1)}), IsOk());
  history_.reset();
  history_ = Open();
  const auto kept = history_->List(QueryOf(tin_));
  ASSERT_THAT(kept, IsOk());
  ASSERT_EQ(kept->size(), 1);
  EXPECT_TRUE(SameRecord(kept->front().record, record));
  EXPECT_EQ(kept->front().record.score.changed_revision, 7);
  EXPECT_EQ(kept->front().record.score.change_cause, ChangeCause::kRestated);
  EXPECT_EQ(kept->front().lineage, "one");
  EXPECT_EQ(kept->front().commit_time, kNow + absl::Seconds(7));
  EXPECT_FALSE(kept->front().superseded);
  EXPECT_EQ(*history_->Position(), At(7, {}).position);
  EXPECT_EQ(**history_->RecordedUpTo(9), At(7, {}).position);
  EXPECT_THAT(*history_->RecordedUpTo(6), Eq(std::nullopt));
}

TEST_P(ScoreHistoryTest, ListsByPageRangeAndTimeInEitherOrder) {
  for (int64_t revision = 1; revision <= 5; ++revision) {
    ASSERT_THAT(Append(revision, {SampleRecord(tin_, static_cast<double>(revision))}), IsOk());
  }
  HistoryQuery query = QueryOf(tin_);
  EXPECT_THAT(Revisions(query), ElementsAre(5, 4, 3, 2, 1));
  query.limit = 2;
  EXPECT_THAT(Revisions(query), ElementsAre(5, 4));
  query.before_sequence = history_->List(query)->back().sequence;
  EXPECT_THAT(Revisions(query), ElementsAre(3, 2));
  query = QueryOf(tin_);
  query.oldest_first = true;
  query.from_revision = 2;
  query.to_revision = 4;
  EXPECT_THAT(Revisions(query), ElementsAre(2, 3, 4));
  query.start = kNow + absl::Seconds(3);
  query.end = kNow + absl::Seconds(4);
  EXPECT_THAT(Revisions(query), ElementsAre(3));
  EXPECT_THAT(Revisions(QueryOf(SampleKey("minerals/tin", Method::kHhiGovernance))), IsEmpty());
}

TEST_P(ScoreHistoryTest, KnowsTheLatestRecordOfEachScoreByKey) {
  ScoreKey other = tin_;
  other.importer = "countries/JP";
  ASSERT_THAT(Append(1, {SampleRecord(tin_, 1), SampleRecord(other, 2), SampleRecord(zinc_, 3)}), IsOk());
  ASSERT_THAT(Append(2, {SampleRecord(other, 4), RemovalOf(zinc_)}), IsOk());
  const std::vector<std::pair<std::string, double>> expected = {
      {"minerals/tin", 1}, {"minerals/tin", 4}, {"minerals/zinc", -1}};
  for (const int limit : {1, 2, 3, 100}) {
    EXPECT_EQ(LatestValues(limit), expected);
  }
  EXPECT_TRUE(history_->Latest(other, 1)->front().removed);
}

TEST_P(ScoreHistoryTest, APositionMovesWithoutRecords) {
  ASSERT_THAT(Append(1, {SampleRecord(tin_, 1)}), IsOk());
  ASSERT_THAT(Append(4, {}), IsOk());
  EXPECT_EQ(history_->Position()->revision, 4);
  EXPECT_EQ((*history_->RecordedUpTo(9))->revision, 1);
}

TEST_P(ScoreHistoryTest, AnAppendIsWholeOrNothing) {
  EXPECT_FALSE(Append(1, {SampleRecord(tin_, 1), SampleRecord(zinc_, 1), SampleRecord(zinc_, 2)}).ok());
  EXPECT_EQ(*history_->Position(), HistoryPosition());
  EXPECT_THAT(Revisions(QueryOf(tin_)), IsEmpty());
  ASSERT_THAT(Append(1, {SampleRecord(tin_, 1)}), IsOk());
}

TEST_P(ScoreHistoryTest, OneHolderHasTheLeaseUntilItEnds) {
  EXPECT_THAT(Take("second", kNow + kLife - absl::Seconds(1)), Eq(std::nullopt));
  EXPECT_EQ(Take("first", kNow + kLife - absl::Seconds(1)), epoch_);
  EXPECT_THAT(Take("second", kNow + kLife), Eq(std::nullopt));
  EXPECT_GT(Take("second", kNow + 2 * kLife), epoch_);
  EXPECT_THAT(Take("first", kNow + 2 * kLife), Eq(std::nullopt));
}

TEST_P(ScoreHistoryTest, WhoWasDeposedCannotWrite) {
  ASSERT_THAT(Append(1, {SampleRecord(tin_, 1)}), IsOk());
  const auto second = Take("second", kNow + kLife);
  ASSERT_TRUE(second.has_value());
  EXPECT_THAT(Append(2, {SampleRecord(tin_, 2)}), HasError(absl::StatusCode::kFailedPrecondition, "LEASE_LOST"));
  EXPECT_THAT(history_->Supersede(epoch_, {}), HasError(absl::StatusCode::kFailedPrecondition, "LEASE_LOST"));
  EXPECT_EQ(history_->Position()->revision, 1);
  ASSERT_THAT(history_->Append(*second, At(2, {SampleRecord(tin_, 3)})), IsOk());
  EXPECT_THAT(Revisions(QueryOf(tin_)), ElementsAre(2, 1));
  // Nor does it give up what is another's, nor come back under its old epoch.
  ASSERT_THAT(history_->GiveUpLease(epoch_), IsOk());
  EXPECT_THAT(Take("first", kNow + kLife), Eq(std::nullopt));
  const auto again = Take("first", kNow + 3 * kLife);
  ASSERT_TRUE(again.has_value());
  EXPECT_GT(*again, *second);
  EXPECT_THAT(Append(3, {}), HasError(absl::StatusCode::kFailedPrecondition, "LEASE_LOST"));
}

TEST_P(ScoreHistoryTest, AGivenUpLeaseIsFreeAtOnce) {
  ASSERT_THAT(history_->GiveUpLease(epoch_), IsOk());
  EXPECT_THAT(Append(1, {}), HasError(absl::StatusCode::kFailedPrecondition, "LEASE_LOST"));
  EXPECT_GT(Take("second", kNow), epoch_);
}

TEST_P(ScoreHistoryTest, WhatWasLostIsMarkedAndNoLongerTheLatest) {
  for (int64_t revision = 1; revision <= 4; ++revision) {
    ASSERT_THAT(Append(revision, {SampleRecord(tin_, static_cast<double>(revision))}), IsOk());
  }
  ASSERT_THAT(Append(5, {SampleRecord(zinc_, 5)}), IsOk());
  ASSERT_THAT(history_->Supersede(epoch_, {"two", 2, "digest"}), IsOk());
  EXPECT_EQ(*history_->Position(), (HistoryPosition{"two", 2, "digest"}));
  EXPECT_THAT(LatestValues(), ElementsAre(std::pair<std::string, double>("minerals/tin", 2)));
  EXPECT_EQ((*history_->RecordedUpTo(9))->revision, 2);
  ASSERT_THAT(history_->Append(epoch_, At(3, {SampleRecord(tin_, 30)}, "two")), IsOk());
  HistoryQuery query = QueryOf(tin_);
  EXPECT_THAT(Revisions(query), ElementsAre(3, 2, 1));
  query.superseded = true;
  EXPECT_THAT(Revisions(query), ElementsAre(3, 4, 3, 2, 1));
  const auto all = history_->List(query);
  EXPECT_FALSE(all->at(0).superseded);
  EXPECT_EQ(all->at(0).lineage, "two");
  EXPECT_TRUE(all->at(1).superseded);
  EXPECT_EQ(all->at(1).lineage, "one");
}

TEST_P(ScoreHistoryTest, HoldsManyRecordsOfOneAppend) {
  constexpr int kRecords = 2000;
  std::vector<ScoreRecord> records;
  records.reserve(kRecords);
  for (int i = 0; i < kRecords; ++i) {
    records.push_back(SampleRecord(SampleKey(absl::StrCat("minerals/", i)), i));
  }
  ASSERT_THAT(Append(1, std::move(records)), IsOk());
  EXPECT_EQ(LatestValues(300).size(), kRecords);
}

TEST_P(ScoreHistoryTest, SeveralProcessesShareOneLease) {
  if (!GetParam().shared) {
    GTEST_SKIP() << "skipped: the storage of " << GetParam().name << " is of one process at a time";
  }
  std::vector<std::unique_ptr<ScoreHistory>> processes(4);
  for (auto& process : processes) {
    process = Open();
  }
  std::vector<std::thread> threads;
  std::vector<std::optional<int64_t>> taken(processes.size());
  for (size_t i = 0; i < processes.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto lease = processes[i]->TakeLease(absl::StrCat("process", i), kNow + kLife, kLife);
      EXPECT_THAT(lease, IsOk());
      taken[i] = *lease;
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(std::count(taken.begin(), taken.end(), std::nullopt), 3);
}

INSTANTIATE_TEST_SUITE_P(
    Engines, ScoreHistoryTest,
    ::testing::Values(EngineCase{"Sqlite", [] { return std::make_unique<SqliteEngine>(); }, /*shared=*/false},
                      EngineCase{"Postgres", [] { return std::make_unique<PostgresEngine>(); }, /*shared=*/true}),
    [](const ::testing::TestParamInfo<EngineCase>& engine) { return engine.param.name; });

}  // namespace
}  // namespace orewatch::risk
