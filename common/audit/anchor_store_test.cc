#include "common/audit/anchor_store.h"

#include <filesystem>

#include "common/storage/sqlite.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "tests/testing/postgres_server.h"

namespace orewatch::audit {
namespace {

using ::orewatch::testing::IsOk;
using ::orewatch::testing::SharedPostgresServer;
using ::orewatch::testing::TempDir;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

void ExpectKeepsAnchors(const std::string& where) {
  const absl::Time time = absl::FromUnixMicros(1'700'000'000'000'001);
  {
    const auto store = MakeAnchorStore(where);
    EXPECT_THAT(store->Put({"b@x", "c2", 9, "h9", time}), IsOk());
    EXPECT_THAT(store->Put({"a@x", "c1", 10, "h10", time}), IsOk());
    EXPECT_THAT(store->Put({"a@x", "c1", 2, "h2", time}), IsOk());
    EXPECT_THAT(store->Put({"a@x", "c1", 2, "other", time}), IsOk()) << "what was kept stays";
  }
  const auto anchors = MakeAnchorStore(where)->List();
  ASSERT_THAT(anchors, IsOk());
  ASSERT_THAT(*anchors, SizeIs(3));
  EXPECT_EQ((*anchors)[0].sequence, 2);
  EXPECT_EQ((*anchors)[0].hash, "h2");
  EXPECT_EQ((*anchors)[0].time, time);
  EXPECT_EQ((*anchors)[1].sequence, 10);
  EXPECT_EQ((*anchors)[2].process, "b@x");
}

TEST(AnchorStoreTest, KeepsThemInSqlite) {
  const TempDir dir;
  ExpectKeepsAnchors(dir / "anchors.db");
}

TEST(AnchorStoreTest, KeepsThemInPostgres) {
  auto& server = SharedPostgresServer();
  ExpectKeepsAnchors(server.Address(server.CreateDatabase()));
}

TEST(AnchorStoreTest, WhereNobodyKeptAnyThereAreNone) {
  const TempDir dir;
  ASSERT_THAT(storage::Sqlite::Open(dir / "other.db"), IsOk());
  const auto sqlite = MakeAnchorStore(dir / "other.db")->List();
  ASSERT_THAT(sqlite, IsOk());
  EXPECT_THAT(*sqlite, IsEmpty());
  auto& server = SharedPostgresServer();
  const auto postgres = MakeAnchorStore(server.Address(server.CreateDatabase()))->List();
  ASSERT_THAT(postgres, IsOk());
  EXPECT_THAT(*postgres, IsEmpty());
}

TEST(AnchorStoreTest, LookingMakesNoFile) {
  const TempDir dir;
  EXPECT_THAT(MakeAnchorStore(dir / "none.db")->List(), Not(IsOk()));
  EXPECT_FALSE(std::filesystem::exists(dir / "none.db"));
}

}  // namespace
}  // namespace orewatch::audit
