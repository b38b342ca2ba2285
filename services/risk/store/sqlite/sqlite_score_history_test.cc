#include "services/risk/store/sqlite/sqlite_score_history.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

class SqliteScoreHistoryTest : public ::testing::Test {
 protected:
  std::string Path() const { return dir_ / "risk.db"; }
  absl::Status Alter(const std::string& sql) {
    const auto db = storage::Sqlite::Open(Path());
    return db.ok() ? (*db)->Execute(sql) : db.status();
  }

  const orewatch::testing::TempDir dir_;
};

TEST_F(SqliteScoreHistoryTest, ASchemaThatANewerReleaseReservedIsRefused) {
  ASSERT_THAT(SqliteScoreHistory::Open(Path()), IsOk());
  ASSERT_THAT(Alter("UPDATE schema SET version = 9, oldest_user = 9"), IsOk());
  EXPECT_THAT(SqliteScoreHistory::Open(Path()), HasError(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_NEW"));
}

TEST_F(SqliteScoreHistoryTest, ASchemaThatANewerReleaseExtendedIsUsed) {
  ASSERT_THAT(SqliteScoreHistory::Open(Path()), IsOk());
  ASSERT_THAT(Alter("UPDATE schema SET version = 9"), IsOk());
  EXPECT_THAT(SqliteScoreHistory::Open(Path()), IsOk());
}

TEST_F(SqliteScoreHistoryTest, AFileThatIsOpenIsNobodyElses) {
  auto first = SqliteScoreHistory::Open(Path());
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT((*first)->TakeLease("first", absl::Now(), absl::Minutes(1)), IsOk());
  EXPECT_THAT(SqliteScoreHistory::Open(Path()), HasError(absl::StatusCode::kFailedPrecondition, "STORAGE_IN_USE"));
  // Nor was the lease taken away.
  EXPECT_FALSE((*first)->TakeLease("second", absl::Now(), absl::Minutes(1))->has_value());
  first->reset();
  EXPECT_THAT(SqliteScoreHistory::Open(Path()), IsOk());
}

TEST_F(SqliteScoreHistoryTest, AFolderThatIsNotThereIsSaid) {
  EXPECT_THAT(SqliteScoreHistory::Open(dir_ / "no/risk.db"),
              HasError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE"));
}

}  // namespace
}  // namespace orewatch::risk
