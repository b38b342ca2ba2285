#include "common/audit/chain_file.h"

#include <sys/stat.h>

#include <filesystem>

#include "common/audit/testing.h"
#include "common/audit/verify.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"

namespace orewatch::audit {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::TempDir;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ChainFileTest : public ::testing::Test {
 protected:
  void ExpectIntact(int64_t records) {
    const auto report = Verify({path_}, {});
    ASSERT_THAT(report, IsOk());
    EXPECT_THAT(report->broken, IsEmpty()) << report->broken[0].what;
    EXPECT_EQ(report->records, records);
  }

  TempDir dir_;
  const std::string path_ = dir_ / "log/audit.log";
};

TEST_F(ChainFileTest, GoesOnWhereItEnded) {
  const Head first = WriteLog(path_, 3);
  const Head second = WriteLog(path_, 4);
  EXPECT_EQ(first.sequence, 3);
  EXPECT_EQ(second.sequence, 7);
  EXPECT_EQ(first.chain, second.chain);
  ExpectIntact(7);
}

TEST_F(ChainFileTest, NobodyElseMayReadIt) {
  WriteLog(path_, 1);
  chmod(path_.c_str(), 0644);
  WriteLog(path_, 1);
  struct stat found {};
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(ChainFileTest, IsWrittenByOneProcess) {
  const auto first = ChainFile::Open({path_, "one"});
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(ChainFile::Open({path_, "other"}), HasError(absl::StatusCode::kUnavailable, "AUDIT_LOG_IN_USE"));
}

TEST_F(ChainFileTest, AFullFileIsFollowedByAnother) {
  constexpr int64_t kSmallFile = 1500;
  WriteLog(path_, 20, kSmallFile);
  WriteLog(path_, 20, kSmallFile);
  EXPECT_GT(FilesOf(path_).size(), 5u);
  ExpectIntact(40);
}

TEST_F(ChainFileTest, GoesOnAfterADeathBetweenTwoFiles) {
  WriteLog(path_, 5);
  std::filesystem::rename(path_, ArchiveName(path_, 1));
  EXPECT_EQ(WriteLog(path_, 5).sequence, 10);
  ExpectIntact(10);
}

TEST_F(ChainFileTest, CutsOffALineThatADeathHasCut) {
  const Head whole = WriteLog(path_, 5);
  const std::string bytes = ReadAll(path_);
  for (const size_t lost : {size_t{1}, size_t{100}}) {
    WriteAll(path_, bytes.substr(0, bytes.size() - lost));
    auto file = ChainFile::Open({path_, "orewatch-test@here"});
    ASSERT_THAT(file, IsOk());
    EXPECT_EQ((*file)->head().sequence, 4);
    EXPECT_GT((*file)->torn_bytes(), 0);
    std::vector<Record> records = {ChangeOf("minerals/next")};
    ASSERT_THAT((*file)->Append(records), IsOk());
    EXPECT_EQ(records[0].sequence, 5);
    EXPECT_NE(records[0].hash, whole.hash);
    ExpectIntact(5);
  }
}

TEST_F(ChainFileTest, NothingFollowsADamagedRecord) {
  WriteLog(path_, 5);
  std::string bytes = ReadAll(path_);
  FlipBit(bytes, bytes.size() - 100);
  WriteAll(path_, bytes);
  EXPECT_THAT(ChainFile::Open({path_, "p"}), HasError(absl::StatusCode::kDataLoss, "AUDIT_LOG_DAMAGED"));
  EXPECT_EQ(ReadAll(path_), bytes) << "it is evidence";
}

TEST_F(ChainFileTest, WhatAFullDiskTookInPartIsNotThere) {
  auto file = ChainFile::Open({path_, "orewatch-test@here"});
  ASSERT_THAT(file, IsOk());
  std::vector<Record> first = {ChangeOf("minerals/first")};
  ASSERT_THAT((*file)->Append(first), IsOk());
  std::vector<Record> more(10, ChangeOf("minerals/more"));
  {
    const FullDisk full(static_cast<int64_t>(std::filesystem::file_size(path_)) + 500);
    EXPECT_THAT((*file)->Append(more), HasError(absl::StatusCode::kUnavailable, "AUDIT_LOG_UNAVAILABLE"));
    EXPECT_EQ((*file)->head().sequence, 1);
  }
  ASSERT_THAT((*file)->Append(more), IsOk());
  EXPECT_THAT(LinesOf(path_), SizeIs(11));
  ExpectIntact(11);
}

}  // namespace
}  // namespace orewatch::audit
