// What the SQLite engine promises about its file. tests/conformance has what every engine promises.
#include "services/registry/store/sqlite/sqlite_store.h"

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/time/clock.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

const Author kAnybody{"anonymous", ""};

v1::Entry Mineral(const std::string& id, const std::string& display_name = "") {
  v1::Entry entry;
  entry.mutable_mineral()->set_name(absl::StrCat("minerals/", id));
  entry.mutable_mineral()->set_display_name(display_name);
  return entry;
}

class SqliteStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    dir_ = std::filesystem::temp_directory_path() / absl::StrCat("orewatch-store-", getpid(), "-", name);
    std::filesystem::create_directories(dir_);
    Reopen();
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(dir_);
  }
  void Reopen(const std::string& file = "registry.db") {
    store_.reset();
    auto store = SqliteStore::Open(dir_ / file, clock_);
    ASSERT_THAT(store, orewatch::testing::IsOk());
    store_ = *std::move(store);
  }
  absl::StatusOr<Committed> Put(const v1::Entry& entry) {
    return store_->Commit(kAnybody, [&](WriteTransaction& transaction) {
      return transaction.Put(Kind::kMineral, entry.mineral().name(), entry);
    });
  }

  std::filesystem::path dir_;
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<SqliteStore> store_;
};

TEST_F(SqliteStoreTest, AFileThatIsOpenIsNobodyElses) {
  const std::string path = dir_ / "shared.db";
  auto first = SqliteStore::Open(path, clock_);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(SqliteStore::Open(path, clock_), HasError(absl::StatusCode::kFailedPrecondition, "STORAGE_IN_USE"));
  const std::filesystem::path link = dir_ / "link.db";
  std::filesystem::create_symlink(path, link);
  const std::filesystem::path dangling = dir_ / "dangling.db";
  std::filesystem::create_symlink(dir_ / "later.db", dangling);
  auto through = SqliteStore::Open(dangling, clock_);
  ASSERT_THAT(through, IsOk());
  EXPECT_THAT(SqliteStore::Open(dir_ / "later.db", clock_),
              HasError(absl::StatusCode::kFailedPrecondition, "STORAGE_IN_USE"));
  EXPECT_THAT(SqliteStore::Open(link, clock_), HasError(absl::StatusCode::kFailedPrecondition, "STORAGE_IN_USE"));
  first->reset();
  EXPECT_THAT(SqliteStore::Open(path, clock_), IsOk());
  EXPECT_THAT(SqliteStore::Open(link, clock_), IsOk());
}

TEST_F(SqliteStoreTest, AStoreThatWasClosedHasLeftAllInOneFile) {
  ASSERT_THAT(Put(Mineral("cobalt")), IsOk());
  ASSERT_THAT(store_->Find(Kind::kMineral, "minerals/cobalt"), IsOk());
  store_.reset();
  EXPECT_FALSE(std::filesystem::exists(dir_ / "registry.db-wal"));
  std::filesystem::copy_file(dir_ / "registry.db", dir_ / "copy.db");
  Reopen("copy.db");
  EXPECT_EQ(store_->head(), 1);
}

TEST_F(SqliteStoreTest, TheFileAsItStandsAfterACommitHoldsTheCommit) {
  // What a killed process leaves behind: the files at some moment after the answer, never closed.
  ASSERT_THAT(Put(Mineral("cobalt")), IsOk());
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::copy_file(absl::StrCat((dir_ / "registry.db").string(), suffix),
                               absl::StrCat((dir_ / "copy.db").string(), suffix));
  }
  Reopen("copy.db");
  EXPECT_EQ(store_->head(), 1);
  EXPECT_TRUE((*store_->Find(Kind::kMineral, "minerals/cobalt")).has_value());
}

TEST_F(SqliteStoreTest, ARestoredFileGoesOnUnderANewLineage) {
  ASSERT_THAT(Put(Mineral("a")), IsOk());
  const std::string lineage = store_->lineage();
  Reopen();
  EXPECT_EQ(store_->lineage(), lineage);
  store_.reset();
  std::filesystem::copy_file(dir_ / "registry.db", dir_ / "backup.db");
  Reopen();
  ASSERT_THAT(Put(Mineral("b")), IsOk());
  store_.reset();
  std::filesystem::copy_file(dir_ / "backup.db", dir_ / "registry.db",
                             std::filesystem::copy_options::overwrite_existing);
  Reopen();
  EXPECT_EQ(store_->head(), 1);
  EXPECT_NE(store_->lineage(), lineage);
  const std::string renewed = store_->lineage();
  Reopen();
  EXPECT_EQ(store_->lineage(), renewed);
}

TEST_F(SqliteStoreTest, AFolderThatIsRestoredWithItsMarkGoesOnUnderANewLineage) {
  ASSERT_THAT(Put(Mineral("a")), IsOk());
  for (const bool removed : {true, false}) {
    const int64_t head = store_->head();
    const std::string lineage = store_->lineage();
    store_.reset();
    std::filesystem::remove_all(dir_ / "saved");
    std::filesystem::create_directory(dir_ / "saved");
    for (const char* file : {"registry.db", "registry.db.history"}) {
      std::filesystem::copy_file(dir_ / file, dir_ / "saved" / file);
    }
    Reopen();
    EXPECT_EQ(store_->lineage(), lineage);
    ASSERT_THAT(Put(Mineral("b")), IsOk());
    store_.reset();
    for (const char* file : {"registry.db", "registry.db.history"}) {
      if (removed) {
        std::filesystem::remove(dir_ / file);
      }
      std::filesystem::copy_file(dir_ / "saved" / file, dir_ / file, std::filesystem::copy_options::overwrite_existing);
    }
    Reopen();
    EXPECT_EQ(store_->head(), head);
    EXPECT_NE(store_->lineage(), lineage);
  }
}

TEST_F(SqliteStoreTest, RefusesAFileOfAnotherReleaseInOneLine) {
  const auto opened_with_schema = [this](int64_t version) {
    store_.reset();
    EXPECT_THAT((*storage::Sqlite::Open(dir_ / "registry.db"))
                    ->Execute(absl::StrCat("UPDATE schema SET version = ", version, ", oldest_user = ", version)),
                IsOk());
    return SqliteStore::Open(dir_ / "registry.db", clock_).status();
  };
  const absl::Status old = opened_with_schema(1);
  EXPECT_THAT(old, HasError(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_OLD"));
  EXPECT_EQ(old.message().find('\n'), absl::string_view::npos);
  EXPECT_NE(old.message().find("export it with the binary that made it"), absl::string_view::npos) << old;
  EXPECT_THAT(opened_with_schema(99), HasError(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_NEW"));
}

TEST_F(SqliteStoreTest, AnswersFromMemoryAsFromDisk) {
  clock_.Advance(absl::Nanoseconds(123'456'789));
  ASSERT_THAT(Put(Mineral("cobalt")), IsOk());
  clock_.Advance(absl::Nanoseconds(1'111));
  ASSERT_THAT(Put(Mineral("cobalt", "Kobalt")), IsOk());
  const auto written = store_->FindInMemory(Kind::kMineral, "minerals/cobalt");
  ASSERT_NE(written, nullptr);
  Reopen();
  EXPECT_EQ(store_->FindInMemory(Kind::kMineral, "minerals/cobalt"), nullptr);
  const auto read = *store_->Find(Kind::kMineral, "minerals/cobalt");
  EXPECT_EQ(read->from_revision, written->from_revision);
  EXPECT_EQ(read->create_time, written->create_time);
  EXPECT_EQ(read->update_time, written->update_time);
  EXPECT_EQ(read->entry.SerializeAsString(), written->entry.SerializeAsString());
  EXPECT_NE(store_->FindInMemory(Kind::kMineral, "minerals/cobalt"), nullptr) << "read, and kept";
  const auto deleted = store_->Commit(
      kAnybody, [](WriteTransaction& transaction) { return transaction.Delete(Kind::kMineral, "minerals/cobalt"); });
  ASSERT_THAT(deleted, IsOk());
  EXPECT_EQ(store_->FindInMemory(Kind::kMineral, "minerals/cobalt"), nullptr);
  EXPECT_FALSE((*store_->Find(Kind::kMineral, "minerals/cobalt")).has_value());
}

}  // namespace
}  // namespace orewatch::registry
