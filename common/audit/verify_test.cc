// Everything that can be done to a log, and that it shows.
#include "common/audit/verify.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "absl/strings/str_cat.h"
#include "common/audit/testing.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"

namespace orewatch::audit {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::TempDir;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kRecords = 20;

auto At(int64_t line, const std::string& what) {
  return AllOf(Field(&Finding::line, line), Field(&Finding::what, HasSubstr(what)));
}

class VerifyTest : public ::testing::Test {
 protected:
  Report VerifyIt(int64_t after = 0) {
    const auto report =
        Verify({path_}, {anchors_.empty() ? absl::nullopt : absl::make_optional(anchors_), processes_, after});
    EXPECT_THAT(report, IsOk());
    return report.value_or(Report());
  }
  // The log, with its lines changed.
  Report After(const std::function<void(std::vector<std::string>&)>& change) {
    head_ = WriteLog(path_, kRecords);
    std::vector<std::string> lines = LinesOf(path_);
    change(lines);
    WriteLines(path_, lines);
    return VerifyIt();
  }
  Anchor AnchorOf(const Head& head) { return {"orewatch-test@here", head.chain, head.sequence, head.hash, {}}; }

  TempDir dir_;
  const std::string path_ = dir_ / "audit.log";
  Head head_;
  // None: nobody knows any.
  std::vector<Anchor> anchors_;
  std::vector<std::string> processes_;
};

TEST_F(VerifyTest, AnUntouchedLogIsWhatWasWritten) {
  anchors_ = {AnchorOf(WriteLog(path_, kRecords)), AnchorOf(WriteLog(path_, kRecords))};
  const Report report = VerifyIt();
  EXPECT_THAT(report.broken, IsEmpty());
  EXPECT_THAT(report.notes, IsEmpty());
  EXPECT_EQ(report.records, 2 * kRecords);
  EXPECT_EQ(report.anchors, 2);
}

TEST_F(VerifyTest, FindsAFlippedByteWhereverItIs) {
  WriteLog(path_, 3);
  const std::string bytes = ReadAll(path_);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    FlipBit(flipped, i);
    WriteAll(path_, flipped);
    const Report report = VerifyIt();
    // The end of the last line looks like a line cut by a death; an anchor tells the two apart.
    EXPECT_TRUE(!report.broken.empty() || (i == bytes.size() - 1 && !report.notes.empty())) << i;
  }
}

TEST_F(VerifyTest, NamesTheRecordThatWasChangedAndNoOther) {
  const Report report = After([](auto& lines) { FlipBit(lines[4], 30); });
  EXPECT_THAT(report.broken, ElementsAre(At(5, "not as it was written")));
}

TEST_F(VerifyTest, FindsAChangedFirstRecord) {
  EXPECT_THAT(After([](auto& lines) { FlipBit(lines[0], 30); }).broken, ElementsAre(At(1, "not as it was written")));
}

TEST_F(VerifyTest, FindsARemovedRecord) {
  const Report report = After([](auto& lines) { lines.erase(lines.begin() + 4); });
  EXPECT_THAT(report.broken, ElementsAre(At(5, "record 5 is missing")));
}

TEST_F(VerifyTest, FindsARemovedBeginning) {
  const Report report = After([](auto& lines) { lines.erase(lines.begin(), lines.begin() + 4); });
  EXPECT_THAT(report.broken, ElementsAre(At(1, "records 1 to 4 are missing")));
  EXPECT_THAT(VerifyIt(4).broken, IsEmpty()) << "the reader knows that the log was cut there";
}

TEST_F(VerifyTest, FindsADuplicatedRecord) {
  const Report report = After([](auto& lines) { lines.insert(lines.begin() + 8, lines[4]); });
  EXPECT_THAT(report.broken, ElementsAre(At(9, "it is a copy, or was moved")));
}

TEST_F(VerifyTest, FindsRecordsInAnotherOrder) {
  const Report report = After([](auto& lines) { std::swap(lines[4], lines[5]); });
  EXPECT_THAT(report.broken, ElementsAre(At(5, "record 5 is missing"), At(6, "it is a copy, or was moved")));
}

TEST_F(VerifyTest, FindsAnInsertedLine) {
  EXPECT_THAT(After([](auto& lines) { lines.insert(lines.begin() + 4, "{}"); }).broken,
              ElementsAre(At(5, "not as it was written")));
}

TEST_F(VerifyTest, FindsARecordPutInThePlaceOfAnother) {
  const Report report = After([](auto& lines) {
    Record forged = *ParseLine(lines[4]);
    forged.principal = "nobody";
    lines[4] = SealLine(forged);
  });
  EXPECT_THAT(report.broken, ElementsAre(At(6, "does not follow the one before it")));
}

TEST_F(VerifyTest, FindsByItsAnchorALogThatWasForgedToItsEnd) {
  const auto forge = [](std::vector<std::string>& lines) {
    std::string previous = ParseLine(lines[3])->hash;
    for (size_t i = 4; i < lines.size(); ++i) {
      Record record = *ParseLine(lines[i]);
      record.principal = "nobody";
      record.previous = previous;
      lines[i] = SealLine(record);
      previous = record.hash;
    }
  };
  EXPECT_THAT(After(forge).broken, IsEmpty()) << "the chain alone cannot tell";
  anchors_ = {AnchorOf(head_)};
  EXPECT_THAT(VerifyIt().broken, ElementsAre(At(kRecords, "is not the one that was anchored")));
}

TEST_F(VerifyTest, FindsByItsAnchorACutEnd) {
  head_ = WriteLog(path_, kRecords);
  anchors_ = {AnchorOf(head_)};
  std::vector<std::string> lines = LinesOf(path_);
  lines.resize(10);
  WriteLines(path_, lines);
  EXPECT_THAT(VerifyIt().broken, ElementsAre(At(0, "ends with record 10 and was anchored up to 20")));
}

TEST_F(VerifyTest, FindsByItsAnchorALogThatWasBegunAnew) {
  anchors_ = {AnchorOf(WriteLog(path_, kRecords))};
  std::filesystem::remove(path_);
  WriteLog(path_, kRecords);
  EXPECT_THAT(VerifyIt().broken, ElementsAre(At(0, "none of its records was anchored"),
                                             At(0, "anchored up to record 20, is not among these")));
}

TEST_F(VerifyTest, FindsByItsAnchorALogThatWasForgedUnderAnotherName) {
  anchors_ = {AnchorOf(WriteLog(path_, kRecords))};
  std::vector<std::string> lines = LinesOf(path_);
  std::string previous = NoHash();
  for (std::string& line : lines) {
    Record record = *ParseLine(line);
    record.process = "orewatch-test@nowhere";
    record.previous = previous;
    line = SealLine(record);
    previous = record.hash;
  }
  WriteLines(path_, lines);
  const Report report = VerifyIt();
  EXPECT_THAT(report.broken, ElementsAre(At(0, "none of its records was anchored for orewatch-test@nowhere")));
  EXPECT_THAT(report.notes, ElementsAre(At(0, "orewatch-test@here is anchored, and no log of it is among these")));
  EXPECT_EQ(report.anchors, 0);
}

TEST_F(VerifyTest, WhereAnchorsAreAskedForNoneIsNotEnough) {
  WriteLog(path_, kRecords);
  const auto report = Verify({path_}, {.anchors = std::vector<Anchor>()});
  ASSERT_THAT(report, IsOk());
  EXPECT_THAT(report->broken, ElementsAre(At(0, "none of its records was anchored")));
}

TEST_F(VerifyTest, TheLogsMustBeOfThoseThatAreMeant) {
  anchors_ = {AnchorOf(WriteLog(path_, kRecords))};
  anchors_.push_back(anchors_[0]);
  anchors_[1].process = "orewatch-test@there";
  EXPECT_THAT(VerifyIt().broken, IsEmpty());
  EXPECT_THAT(VerifyIt().notes, ElementsAre(At(0, "orewatch-test@there is anchored")));
  processes_ = {"orewatch-test@here"};
  EXPECT_THAT(VerifyIt().broken, IsEmpty());
  EXPECT_THAT(VerifyIt().notes, IsEmpty());
  processes_ = {"orewatch-test@there"};
  EXPECT_THAT(VerifyIt().broken, ElementsAre(At(0, "no log of orewatch-test@there is among these"),
                                             At(0, "a log is of orewatch-test@here")));
}

TEST_F(VerifyTest, FollowsTheFilesOfALogAndFindsARemovedOne) {
  constexpr int64_t kSmallFile = 2000;
  anchors_ = {AnchorOf(WriteLog(path_, 50, kSmallFile))};
  const std::vector<std::string> files = FilesOf(path_);
  ASSERT_GT(files.size(), 4u);
  EXPECT_THAT(VerifyIt().broken, IsEmpty());
  const int64_t first_of_third = ParseLine(LinesOf(files[2])[0])->sequence;
  const int64_t first_of_second = ParseLine(LinesOf(files[1])[0])->sequence;
  const std::string second = ReadAll(files[1]);
  std::filesystem::remove(files[1]);
  EXPECT_THAT(
      VerifyIt().broken,
      ElementsAre(At(1, absl::StrCat("records ", first_of_second, " to ", first_of_third - 1, " are missing"))));
  WriteAll(files[1], second);
  std::filesystem::remove(files[0]);
  EXPECT_THAT(VerifyIt().broken, ElementsAre(At(1, "are missing")));
  EXPECT_THAT(VerifyIt(first_of_second - 1).broken, IsEmpty());
  std::filesystem::remove(path_);
  EXPECT_THAT(VerifyIt(first_of_second - 1).broken, ElementsAre(At(0, "its end was cut off")));
}

TEST_F(VerifyTest, ALineCutByADeathIsNoSignOfAnythingElse) {
  WriteLog(path_, kRecords);
  std::ofstream(path_, std::ios::app) << "{\"seq\":21,";
  EXPECT_THAT(VerifyIt().notes, ElementsAre(At(kRecords + 1, "the last line is cut")));
  EXPECT_THAT(VerifyIt().broken, IsEmpty());
}

TEST_F(VerifyTest, WhatIsThereIsReadAndWhatIsNotIsAnError) {
  EXPECT_THAT(Verify({path_}, {}), HasCode(absl::StatusCode::kNotFound));
  WriteAll(path_, "");
  EXPECT_THAT(VerifyIt().broken, ElementsAre(At(0, "no record")));
  WriteAll(path_, std::string(3 * kMaxLineBytes, 'x') + "\n");
  EXPECT_THAT(VerifyIt().broken, SizeIs(2));
}

TEST_F(VerifyTest, SaysNoMoreThanAnybodyWillRead) {
  WriteLines(path_, std::vector<std::string>(10 * kMaxFindings, "x"));
  EXPECT_THAT(VerifyIt().broken, SizeIs(kMaxFindings + 1));
}

}  // namespace
}  // namespace orewatch::audit
