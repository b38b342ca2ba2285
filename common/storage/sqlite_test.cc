#include "common/storage/sqlite.h"

#include <filesystem>
#include <string>

#include "absl/time/clock.h"
#include "common/testing/matchers.h"
#include "common/time/deadline_scope.h"

namespace orewatch::storage {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::IsOk;

class SqliteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto db = Sqlite::Open(":memory:");
    ASSERT_THAT(db, IsOk());
    db_ = *std::move(db);
    ASSERT_THAT(db_->Execute("CREATE TABLE t(k TEXT PRIMARY KEY, v BLOB) WITHOUT ROWID"), IsOk());
  }
  absl::Status Insert(absl::string_view key, absl::string_view value) {
    return db_->Prepare("INSERT INTO t VALUES (?, ?)").Bind(key).BindBlob(value).Run();
  }
  int64_t Count() {
    auto count = db_->Prepare("SELECT count(*) FROM t");
    EXPECT_THAT(count.Step(), IsOk());
    return count.Int(0);
  }
  std::unique_ptr<Sqlite> db_;
};

TEST_F(SqliteTest, ReturnsWhatWasBoundIncludingQuotesAndZeroBytes) {
  const std::string value("a'b\0\xff", 5);
  ASSERT_THAT(Insert("k'; DROP TABLE t; --", value), IsOk());
  auto row = db_->Prepare("SELECT k, v FROM t");
  const auto found = row.Step();
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ(row.Text(0), "k'; DROP TABLE t; --");
  EXPECT_EQ(std::string(row.Blob(1)), value);
}

TEST_F(SqliteTest, RollsBackWhatFailsAndKeepsWhatSucceeds) {
  EXPECT_THAT(db_->Transact([&] { return Insert("kept", "1"); }), IsOk());
  EXPECT_THAT(db_->Transact([&]() -> absl::Status {
    EXPECT_THAT(Insert("lost", "1"), IsOk());
    return absl::AbortedError("changed my mind");
  }),
              HasCode(absl::StatusCode::kAborted));
  EXPECT_EQ(Count(), 1);
}

TEST_F(SqliteTest, MapsConstraintsAndMissingFiles) {
  ASSERT_THAT(Insert("k", "1"), IsOk());
  EXPECT_THAT(Insert("k", "2"), HasCode(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Sqlite::Open("/nonexistent/folder/db"), HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(SqliteTest, AReadEndsAtItsDeadlineAndTheConnectionServesOn) {
  const std::string path = ::testing::TempDir() + "/deadline.db";
  ASSERT_THAT(Sqlite::Open(path), IsOk());
  const auto reader = Sqlite::Open(path, {/*read_only=*/true});
  ASSERT_THAT(reader, IsOk());
  const auto endless = [&] {
    return (*reader)
        ->Prepare("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
        .Step()
        .status();
  };
  {
    const DeadlineScope scope(absl::Now() + absl::Milliseconds(20));
    EXPECT_THAT(endless(), HasCode(absl::StatusCode::kDeadlineExceeded));
  }
  EXPECT_THAT((*reader)->Prepare("SELECT 1").Step(), IsOk());
}

}  // namespace
}  // namespace orewatch::storage
