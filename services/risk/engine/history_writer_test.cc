#include "services/risk/engine/history_writer.h"

#include <cmath>

#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "services/risk/engine/history_fixture.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;

class HistoryWriterTest : public HistoryTest {
 protected:
  HistoryWriter Writer(const std::string& holder) {
    HistoryWriter::Options options;
    options.holder = holder;
    return HistoryWriter(*store_, clock_, options,
                         [this](const HistoryPosition& position, const std::string& lineage) -> absl::StatusOr<bool> {
                           ++questions_;
                           if (lineage != registry_.Current().lineage) {
                             return absl::UnavailableError("another lineage");
                           }
                           return registry_.Holds(position);
                         });
  }
  absl::Status Record(HistoryWriter& writer, const Snapshot& snapshot, bool more = false) {
    EXPECT_THAT(writer.KeepLease(), IsOk());
    return writer.Record(snapshot, more);
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  FakeHistory registry_{"one"};
  int questions_ = 0;
};

TEST_F(HistoryWriterTest, RecordsEachRevisionThatChangedAScore) {
  HistoryWriter writer = Writer("a");
  ASSERT_THAT(Record(writer, registry_.Commit(TinOutput(1))), IsOk());
  ASSERT_THAT(Record(writer, registry_.Commit({})), IsOk());
  ASSERT_THAT(Record(writer, registry_.Commit(TinOutput(2))), IsOk());
  EXPECT_THAT(Recorded(), ElementsAre(1, 3));
  EXPECT_EQ(store_->Position()->revision, 3);
  EXPECT_EQ(writer.position(), *store_->Position());
}

TEST_F(HistoryWriterTest, StoresThatNothingChangedOnlyBeforeItRests) {
  HistoryWriter writer = Writer("a");
  ASSERT_THAT(Record(writer, registry_.Commit(TinOutput(1))), IsOk());
  ASSERT_THAT(Record(writer, registry_.Commit({}), /*more=*/true), IsOk());
  EXPECT_EQ(store_->Position()->revision, 1);
  ASSERT_THAT(Record(writer, registry_.Commit({})), IsOk());
  EXPECT_EQ(store_->Position()->revision, 3);
}

TEST_F(HistoryWriterTest, GoesOnAfterARestartWhereItStopped) {
  {
    HistoryWriter writer = Writer("a");
    ASSERT_THAT(Record(writer, registry_.Commit(TinOutput(1))), IsOk());
    writer.GiveUpLease();
  }
  registry_.Commit(TinOutput(2));
  registry_.Commit(TinOutput(3));
  HistoryWriter writer = Writer("b");
  ASSERT_THAT(Record(writer, registry_.Loaded(TinOutput(3))), IsOk());
  EXPECT_THAT(Recorded(), ElementsAre(1, 3));
  const auto latest = store_->Latest(std::nullopt, 1);
  EXPECT_EQ(latest->front().score.change_cause, ChangeCause::kRestated);
  // The same once more is nothing new.
  writer.GiveUpLease();
  HistoryWriter third = Writer("c");
  ASSERT_THAT(Record(third, registry_.Loaded(TinOutput(3))), IsOk());
  EXPECT_THAT(Recorded(), ElementsAre(1, 3));
}

TEST_F(HistoryWriterTest, AnotherReplicaTakesOverWhenTheLeaseEnds) {
  HistoryWriter first = Writer("a");
  HistoryWriter second = Writer("b");
  ASSERT_THAT(Record(first, registry_.Commit(TinOutput(1))), IsOk());
  ASSERT_THAT(second.KeepLease(), IsOk());
  EXPECT_FALSE(second.leading());
  clock_.Advance(absl::Seconds(20));
  ASSERT_THAT(second.KeepLease(), IsOk());
  EXPECT_TRUE(second.leading());
  const Snapshot snapshot = registry_.Commit(TinOutput(2));
  ASSERT_THAT(second.Record(snapshot, false), IsOk());
  // The first does not know yet.
  EXPECT_TRUE(first.leading());
  EXPECT_THAT(first.Record(snapshot, false), HasError(absl::StatusCode::kFailedPrecondition, "LEASE_LOST"));
  EXPECT_FALSE(first.leading());
  EXPECT_THAT(Recorded(), ElementsAre(1, 2));
}

TEST_F(HistoryWriterTest, ALeaseThatIsKeptIsNeverTaken) {
  HistoryWriter first = Writer("a");
  HistoryWriter second = Writer("b");
  ASSERT_THAT(first.KeepLease(), IsOk());
  for (int i = 0; i < 100; ++i) {
    clock_.Advance(absl::Seconds(7));
    ASSERT_THAT(first.KeepLease(), IsOk());
    ASSERT_THAT(second.KeepLease(), IsOk());
    ASSERT_TRUE(first.leading());
    ASSERT_FALSE(second.leading());
  }
}

TEST_F(HistoryWriterTest, AReplicaThatIsBehindTakesNothingBack) {
  HistoryWriter first = Writer("a");
  const Snapshot old = registry_.Commit(TinOutput(1));
  ASSERT_THAT(Record(first, old), IsOk());
  ASSERT_THAT(Record(first, registry_.Commit(TinOutput(2))), IsOk());
  first.GiveUpLease();
  HistoryWriter second = Writer("b");
  ASSERT_THAT(Record(second, old), IsOk());
  EXPECT_THAT(Recorded(), ElementsAre(1, 2));
  EXPECT_EQ(store_->Position()->revision, 2);
  ASSERT_THAT(Record(second, registry_.Commit(TinOutput(3))), IsOk());
  EXPECT_THAT(Recorded(), ElementsAre(1, 2, 3));
}

TEST_F(HistoryWriterTest, GoesOnUnderANewLineageOfTheSameHistory) {
  HistoryWriter writer = Writer("a");
  ASSERT_THAT(Record(writer, registry_.Commit(TinOutput(1))), IsOk());
  registry_ = registry_.Restored("two");
  ASSERT_THAT(Record(writer, registry_.Current()), IsOk());
  EXPECT_EQ(store_->Position()->lineage, "two");
  ASSERT_THAT(Record(writer, registry_.Commit(TinOutput(2))), IsOk());
  EXPECT_THAT(Recorded(), ElementsAre(1, 2));
}

TEST_F(HistoryWriterTest, MarksExactlyWhatARestoreLost) {
  for (const int64_t kept : {1, 2, 7, 29, 30}) {
    registry_ = FakeHistory("one");
    store_ = nullptr;
    std::filesystem::remove(dir_ / "risk.db");
    auto opened = SqliteScoreHistory::Open(dir_ / "risk.db");
    ASSERT_THAT(opened, IsOk());
    store_ = *std::move(opened);
    HistoryWriter writer = Writer("a");
    std::optional<FakeHistory> backup;
    std::vector<int64_t> expected;
    for (int64_t revision = 1; revision <= 30; ++revision) {
      // Not every revision changes a score.
      ASSERT_THAT(Record(writer, registry_.Commit(TinOutput(std::floor(static_cast<double>(revision) / 3)))), IsOk());
      if (revision == kept) {
        backup = registry_;
        expected = Recorded();
      }
    }
    registry_ = backup->Restored("two");
    registry_.Commit(TinOutput(100));
    const Snapshot loaded = registry_.Loaded(TinOutput(100));
    questions_ = 0;
    ASSERT_THAT(Record(writer, loaded), IsOk());
    EXPECT_LE(questions_, 8);
    expected.push_back(kept + 1);
    EXPECT_EQ(Recorded(), expected) << kept;
    EXPECT_EQ(*store_->Position(), loaded.position());
  }
}

TEST_F(HistoryWriterTest, WhatWasBelievedBeforeARestoreIsKept) {
  HistoryWriter writer = Writer("a");
  ASSERT_THAT(Record(writer, registry_.Commit(TinOutput(1))), IsOk());
  const FakeHistory backup = registry_;
  ASSERT_THAT(Record(writer, registry_.Commit(TinOutput(2))), IsOk());
  registry_ = backup.Restored("two");
  // Nothing new has been written: what was lost is undone nevertheless.
  ASSERT_THAT(Record(writer, registry_.Loaded(TinOutput(1))), IsOk());
  EXPECT_THAT(Recorded(), ElementsAre(1));
  EXPECT_THAT(Recorded(/*superseded=*/true), ElementsAre(1, 2));
}

TEST_F(HistoryWriterTest, WaitsUntilTheRegistryCanSayWhatWasLost) {
  HistoryWriter writer = Writer("a");
  ASSERT_THAT(Record(writer, registry_.Commit(TinOutput(1))), IsOk());
  FakeHistory two = registry_.Restored("two");
  EXPECT_THAT(Record(writer, two.Commit(TinOutput(2))), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Recorded(), ElementsAre(1));
  registry_ = two;
  ASSERT_THAT(Record(writer, registry_.Current()), IsOk());
  EXPECT_THAT(Recorded(), ElementsAre(1, 2));
}

}  // namespace
}  // namespace orewatch::risk
