#include "services/registry/store/sqlite/rows.h"

#include <sqlite3.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/testing/matchers.h"
#include "services/registry/store/sqlite/schema.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::IsOk;

constexpr int kSuppliers = 40;
constexpr int kFacilities = 50;
constexpr int kPage = 5;

// Of the connection opened last, which the typed layer does not show.
sqlite3* opened = nullptr;
int NoteOpened(sqlite3* db, char** /*error*/, const sqlite3_api_routines* /*api*/) {
  opened = db;
  return SQLITE_OK;
}

std::string FacilitiesOf(int supplier) { return absl::StrFormat("suppliers/s%02d/facilities/", supplier); }
std::string Facility(int supplier, int facility) {
  return absl::StrFormat("%sf%02d", FacilitiesOf(supplier), facility);
}

class RowsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&NoteOpened));
    auto db = storage::Sqlite::Open(":memory:");
    sqlite3_reset_auto_extension();
    ASSERT_THAT(db, IsOk());
    db_ = *std::move(db);
    ASSERT_THAT(Migrate(*db_), IsOk());
    for (int supplier = 0; supplier < kSuppliers; ++supplier) {
      for (int facility = 0; facility < kFacilities; ++facility) {
        Insert(Facility(supplier, facility));
      }
    }
  }

  void Insert(const std::string& key) {
    ASSERT_THAT(db_->Prepare("INSERT INTO entries VALUES (?, ?, 1, ?, 0, 0, NULL, '')")
                    .Bind(static_cast<int64_t>(Kind::kFacility))
                    .Bind(key)
                    .Bind(kLive)
                    .Run(),
                IsOk());
  }

  // Instructions of SQLite's that a page takes.
  int StepsOfPage(const std::string& prefix, const std::string& after, const std::string& first_key) {
    int steps = 0;
    sqlite3_progress_handler(
        opened, 1,
        [](void* count) {
          ++*static_cast<int*>(count);
          return 0;
        },
        &steps);
    const auto page = ReadList(*db_, {Kind::kFacility, prefix, after, 1, kPage, 1 << 20, false});
    sqlite3_progress_handler(opened, 0, nullptr, nullptr);
    EXPECT_THAT(page, IsOk());
    EXPECT_EQ(page->entries.size(), static_cast<size_t>(kPage));
    EXPECT_EQ(page->entries.front().key, first_key);
    return steps;
  }

  std::unique_ptr<storage::Sqlite> db_;
};

TEST_F(RowsTest, TheFirstPageOfTheLastParentPassesOverNoOther) {
  const int of_the_first = StepsOfPage(FacilitiesOf(0), "", Facility(0, 0));
  const int of_the_last = StepsOfPage(FacilitiesOf(kSuppliers - 1), "", Facility(kSuppliers - 1, 0));
  EXPECT_GT(of_the_first, kPage);
  EXPECT_LT(of_the_last, 2 * of_the_first);
}

TEST_F(RowsTest, ALaterPageOfAParentPassesOverNoEarlierOne) {
  const int early = StepsOfPage(FacilitiesOf(0), Facility(0, 0), Facility(0, 1));
  const int late = StepsOfPage(FacilitiesOf(0), Facility(0, 40), Facility(0, 41));
  EXPECT_GT(early, kPage);
  EXPECT_LT(late, 2 * early);
}

TEST_F(RowsTest, TheLastPageOfAParentPassesOverNoOther) {
  const int rest = kFacilities - kPage;
  const int with_others_behind = StepsOfPage(FacilitiesOf(0), Facility(0, rest - 1), Facility(0, rest));
  const int last_of_all =
      StepsOfPage(FacilitiesOf(kSuppliers - 1), Facility(kSuppliers - 1, rest - 1), Facility(kSuppliers - 1, rest));
  EXPECT_GT(last_of_all, kPage);
  EXPECT_LT(with_others_behind, 2 * last_of_all);
}

TEST_F(RowsTest, ALaterPageOfTheWholeListPassesOverNoEarlierOne) {
  const int early = StepsOfPage("", Facility(0, 0), Facility(0, 1));
  const int late = StepsOfPage("", Facility(30, 0), Facility(30, 1));
  EXPECT_GT(early, kPage);
  EXPECT_LT(late, 2 * early);
}

}  // namespace
}  // namespace orewatch::registry
