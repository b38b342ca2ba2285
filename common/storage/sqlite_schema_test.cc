#include "common/storage/sqlite_schema.h"

#include <array>

#include "common/testing/matchers.h"

namespace orewatch::storage {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::StartsWith;

constexpr std::array<const char*, 2> kBoth = {"CREATE TABLE a(x)", "CREATE TABLE b(x)"};

class SqliteSchemaTest : public ::testing::Test {
 protected:
  static Schema With(size_t migrations, int first = 3) {
    return {"the database", first, absl::MakeConstSpan(kBoth).subspan(0, migrations)};
  }
  bool Has(const char* insert) { return db_->Execute(insert).ok(); }

  std::unique_ptr<Sqlite> db_ = *Sqlite::Open(":memory:");
};

TEST_F(SqliteSchemaTest, LeadsOnFromWhateverThereIsAndRunsNoMigrationTwice) {
  EXPECT_EQ(Describe(*Migrate(*db_, With(1))), "new, schema 3");
  EXPECT_FALSE(Has("INSERT INTO b VALUES (1)"));
  EXPECT_EQ(Describe(*Migrate(*db_, With(2))), "schema 3 to 4");
  EXPECT_TRUE(Has("INSERT INTO b VALUES (1)"));
  EXPECT_EQ(Describe(*Migrate(*db_, With(2))), "schema 4, nothing to do");
}

TEST_F(SqliteSchemaTest, AnOlderBinaryServesOnUnlessItIsToldOtherwise) {
  ASSERT_EQ(Migrate(*db_, With(2))->to, 4);
  EXPECT_EQ(Migrate(*db_, With(1))->to, 4);
  EXPECT_EQ(Migrate(*db_, With(2))->from, 4) << "it has not gone back";
  ASSERT_TRUE(Has("UPDATE schema SET oldest_user = 4"));
  EXPECT_THAT(Migrate(*db_, With(1)), HasError(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_NEW"));
}

TEST_F(SqliteSchemaTest, AStepThatFailsSaysWhichItIs) {
  ASSERT_THAT(db_->Execute("CREATE TABLE b(x)"), IsOk());
  const auto failed = Migrate(*db_, With(2));
  EXPECT_FALSE(failed.ok());
  EXPECT_THAT(std::string(failed.status().message()), StartsWith("the database, the step to schema 4: "));
}

TEST_F(SqliteSchemaTest, NothingLeadsOnFromBeforeTheFirstRelease) {
  ASSERT_EQ(Migrate(*db_, With(1, /*first=*/1))->to, 1);
  EXPECT_THAT(Migrate(*db_, With(2)), HasError(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_OLD"));
}

}  // namespace
}  // namespace orewatch::storage
