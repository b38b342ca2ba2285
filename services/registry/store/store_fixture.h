// A store on a real file, for the tests of what every engine promises.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/time/clock.h"
#include "services/registry/store/sqlite/sqlite_store.h"

namespace orewatch::registry {

inline const Author kAnybody{"anonymous", ""};

inline v1::Entry Mineral(const std::string& id, const std::string& display_name = "") {
  v1::Entry entry;
  entry.mutable_mineral()->set_name(absl::StrCat("minerals/", id));
  entry.mutable_mineral()->set_display_name(display_name);
  return entry;
}

class StoreTest : public ::testing::Test {
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
  absl::StatusOr<Committed> Delete(const std::string& name) {
    return store_->Commit(kAnybody,
                          [&](WriteTransaction& transaction) { return transaction.Delete(Kind::kMineral, name); });
  }
  std::map<std::string, std::string> MineralsAt(int64_t revision) {
    std::map<std::string, std::string> minerals;
    ListQuery query{Kind::kMineral, "minerals/", "", revision, 3, 1 << 20};
    for (;;) {
      const auto page = store_->List(query);
      EXPECT_THAT(page, orewatch::testing::IsOk());
      for (const StoredEntry& stored : page->entries) {
        minerals[stored.key] = stored.entry.mineral().display_name();
      }
      if (!page->more) {
        return minerals;
      }
      query.after_key = page->entries.back().key;
    }
  }

  std::filesystem::path dir_;
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<SqliteStore> store_;
};

}  // namespace orewatch::registry
