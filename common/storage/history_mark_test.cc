#include "common/storage/history_mark.h"

#include <filesystem>
#include <fstream>
#include <memory>

#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"

namespace orewatch::storage {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using Use = HistoryMark::Use;

class HistoryMarkTest : public ::testing::TestWithParam<Use> {
 protected:
  std::unique_ptr<HistoryMark> Open() {
    auto mark = HistoryMark::Open(path_, GetParam());
    EXPECT_THAT(mark, IsOk());
    return *std::move(mark);
  }
  void Run(int64_t head) { ASSERT_THAT(Open()->Write({"a-lineage", head}, /*durable=*/true), IsOk()); }
  // -1: nothing.
  int64_t Found() {
    const auto mark = Open();
    return mark->found().has_value() ? mark->found()->head : -1;
  }
  void CopyTo(const std::string& to) const {
    std::filesystem::copy_file(path_, to, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::last_write_time(to, std::filesystem::last_write_time(path_));
  }

  const orewatch::testing::TempDir dir_;
  const std::string path_ = dir_ / "a.db.history";
  const std::string copy_ = dir_ / "copy";
};
INSTANTIATE_TEST_SUITE_P(Uses, HistoryMarkTest, ::testing::Values(Use::kAlone, Use::kShared),
                         [](const auto& use) { return use.param == Use::kAlone ? "Alone" : "Shared"; });

TEST_P(HistoryMarkTest, RemembersOverRuns) {
  EXPECT_EQ(Found(), -1);
  Run(7);
  EXPECT_EQ(Found(), 7);
  EXPECT_EQ(Found(), 7) << "also where nothing was written";
  EXPECT_EQ(Open()->found()->lineage, "a-lineage");
}

TEST_P(HistoryMarkTest, ACopyTellsNothing) {
  Run(7);
  CopyTo(copy_);
  std::filesystem::remove(path_);
  std::filesystem::rename(copy_, path_);
  EXPECT_EQ(Found(), -1);
  EXPECT_EQ(Found(), -1) << "nor later on";
  Run(7);
  EXPECT_EQ(Found(), 7);
}

TEST_P(HistoryMarkTest, ACopyOfAnEarlierRunWrittenOverItTellsNothing) {
  Run(7);
  CopyTo(copy_);
  Run(9);
  std::filesystem::copy_file(copy_, path_, std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(Found(), -1);
}

TEST_P(HistoryMarkTest, AnEarlierReleaseHasSaidTooLittle) {
  Run(7);
  std::ofstream(path_, std::ios::in) << "a-lineage 7" << std::string(52, ' ') << '\n';
  EXPECT_EQ(Found(), -1);
}

TEST_P(HistoryMarkTest, WhatAnInterruptedRunLeftIsNotInTheWay) {
  Run(7);
  std::ofstream(path_ + ".new") << "half";
  EXPECT_EQ(Found(), 7);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
}

TEST_P(HistoryMarkTest, IsUsedAsItIsWhereItCannotBeReplaced) {
  Run(7);
  std::filesystem::create_directories(path_ + ".new/in_the_way");
  EXPECT_EQ(Found(), 7);
  Run(8);
  EXPECT_EQ(Found(), 8);
}

TEST_P(HistoryMarkTest, WhoUsesItAloneIsAlone) {
  const auto first = Open();
  EXPECT_THAT(HistoryMark::Open(path_, Use::kAlone), HasError(absl::StatusCode::kFailedPrecondition, "STORAGE_IN_USE"));
  if (GetParam() == Use::kAlone) {
    return;
  }
  ASSERT_THAT(first->Write({"a-lineage", 3}, /*durable=*/false), IsOk());
  EXPECT_EQ(Found(), 3) << "of one file";
  ASSERT_THAT(first->Write({"a-lineage", 4}, /*durable=*/false), IsOk());
  EXPECT_EQ(Found(), 4);
}

}  // namespace
}  // namespace orewatch::storage
