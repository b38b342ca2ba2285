#include "services/alerting/feed/score_stager.h"

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Message = risk::v1::WatchScoresResponse;

Message Score(const std::string& subject, const std::string& rest) {
  return ParseProto<Message>(absl::StrCat("scores { key { subject: '", subject, "' method: METHOD_HHI } ", rest, " }"));
}

Message Bookmark(const std::string& lineage, int64_t number) {
  return ParseProto<Message>(absl::StrCat("bookmark { lineage: '", lineage, "' number: ", number, " }"));
}

// Of a message that must complete a batch.
ScoreBatch BatchOf(ScoreStager& stager, const Message& message) {
  auto batch = stager.Receive(message);
  EXPECT_THAT(batch, IsOk());
  EXPECT_TRUE(batch.ok() && batch->has_value());
  return batch.ok() ? batch->value_or(ScoreBatch{}) : ScoreBatch{};
}

TEST(ScoreStagerTest, ARevisionIsHandedOnWholeWithItsBookmark) {
  ScoreStager stager({});
  EXPECT_THAT(*stager.Receive(Score("minerals/a", "value: 1")), Eq(std::nullopt));
  EXPECT_THAT(*stager.Receive(Score("minerals/b", "value: 2")), Eq(std::nullopt));
  const ScoreBatch batch = BatchOf(stager, Bookmark("l", 5));
  EXPECT_EQ(batch.revision, (Revision{"l", 5}));
  EXPECT_TRUE(batch.complete);
  EXPECT_THAT(batch.scores, SizeIs(2));
}

TEST(ScoreStagerTest, ABatchSaysWhenItWasCommitted) {
  ScoreStager stager({});
  Message message = Bookmark("l", 1);
  message.mutable_commit_time()->set_seconds(1'700'000'000);
  EXPECT_EQ(BatchOf(stager, message).commit_time, absl::FromUnixSeconds(1'700'000'000));
  EXPECT_EQ(BatchOf(stager, Bookmark("l", 2)).commit_time, absl::InfiniteFuture());
}

TEST(ScoreStagerTest, OnlyTheFirstBatchOfAStreamIsComplete) {
  ScoreStager stager({"l", 5});
  EXPECT_TRUE(BatchOf(stager, Bookmark("l", 5)).complete);
  EXPECT_FALSE(BatchOf(stager, Bookmark("l", 6)).complete);
}

TEST(ScoreStagerTest, TheLastWordAboutAScoreCounts) {
  ScoreStager stager({});
  ASSERT_THAT(stager.Receive(Score("minerals/a", "value: 1")), IsOk());
  ASSERT_THAT(stager.Receive(Score("minerals/a", "value: 2")), IsOk());
  ASSERT_THAT(stager.Receive(Score("minerals/b", "value: 2")), IsOk());
  ASSERT_THAT(stager.Receive(ParseProto<Message>("removed { subject: 'minerals/b' method: METHOD_HHI }")), IsOk());
  const ScoreBatch batch = BatchOf(stager, Bookmark("l", 1));
  ASSERT_THAT(batch.scores, SizeIs(1));
  EXPECT_EQ(batch.scores[0].value, 2);
  ASSERT_THAT(batch.removed, SizeIs(1));
  EXPECT_EQ(batch.removed[0].subject, "minerals/b");
}

TEST(ScoreStagerTest, WhatCannotBeComputedHasNoValue) {
  ScoreStager stager({});
  ASSERT_THAT(stager.Receive(Score("minerals/a", "")), IsOk());
  ASSERT_THAT(stager.Receive(Score("minerals/b", "value: 1 completeness { state: STATE_UNSET }")), IsOk());
  ASSERT_THAT(stager.Receive(Score("minerals/c", "value: nan")), IsOk());
  ASSERT_THAT(stager.Receive(Score("minerals/d", "value: 0")), IsOk());
  const ScoreBatch batch = BatchOf(stager, Bookmark("l", 1));
  ASSERT_THAT(batch.scores, SizeIs(4));
  EXPECT_EQ(batch.scores[0].value, std::nullopt);
  EXPECT_EQ(batch.scores[1].value, std::nullopt);
  EXPECT_EQ(batch.scores[2].value, std::nullopt);
  EXPECT_EQ(batch.scores[3].value, 0);
}

TEST(ScoreStagerTest, AScoreSaysHowFarItCanBeTrusted) {
  ScoreStager stager({});
  ASSERT_THAT(stager.Receive(Score("minerals/a",
                                   "value: 4896 bounds { lower: 3287 } completeness {"
                                   " state: STATE_INCOMPLETE reasons: 'WITHHELD:US' }")),
              IsOk());
  ASSERT_THAT(stager.Receive(Score("minerals/b", "value: 2 bounds { lower: nan upper: 3 }")), IsOk());
  ASSERT_THAT(stager.Receive(Score("minerals/c", "bounds { lower: 1 upper: 3 }")), IsOk());
  const ScoreBatch batch = BatchOf(stager, Bookmark("l", 1));
  ASSERT_THAT(batch.scores, SizeIs(3));
  EXPECT_EQ(batch.scores[0].certainty, (Certainty{.lower = 3287,
                                                  .upper = std::nullopt,
                                                  .completeness = type::v1::Completeness::STATE_INCOMPLETE,
                                                  .reasons = {"WITHHELD:US"}}));
  EXPECT_EQ(batch.scores[1].certainty.lower, std::nullopt);
  EXPECT_EQ(batch.scores[1].certainty.upper, 3);
  EXPECT_EQ(batch.scores[2].certainty, Certainty());
}

TEST(ScoreStagerTest, ASenderWhoIsBehindIsWaitedFor) {
  ScoreStager stager({"l", 9});
  ASSERT_THAT(stager.Receive(Score("minerals/a", "value: 1")), IsOk());
  EXPECT_THAT(*stager.Receive(Bookmark("l", 8)), Eq(std::nullopt));
  ASSERT_THAT(stager.Receive(Score("minerals/b", "value: 1")), IsOk());
  const ScoreBatch batch = BatchOf(stager, Bookmark("l", 9));
  EXPECT_TRUE(batch.complete);
  EXPECT_THAT(batch.scores, SizeIs(2));
}

TEST(ScoreStagerTest, AStreamMayBeginInAnotherLineage) {
  ScoreStager stager({"l", 9});
  const ScoreBatch batch = BatchOf(stager, Bookmark("m", 1));
  EXPECT_TRUE(batch.complete);
  EXPECT_THAT(batch.scores, IsEmpty());
}

Message Complete(Message message) {
  message.set_complete(true);
  return message;
}

TEST(ScoreStagerTest, ALaterBatchThatIsMarkedIsComplete) {
  ScoreStager stager({"l", 5});
  BatchOf(stager, Bookmark("l", 5));
  ASSERT_THAT(stager.Receive(Score("minerals/a", "value: 1")), IsOk());
  const ScoreBatch batch = BatchOf(stager, Complete(Bookmark("l", 6)));
  EXPECT_TRUE(batch.complete);
  EXPECT_THAT(batch.scores, SizeIs(1));
  EXPECT_FALSE(BatchOf(stager, Bookmark("l", 7)).complete);
}

TEST(ScoreStagerTest, WhatACompleteBatchDoesNotNameIsGoneAlsoIfItWasKeptBack) {
  ScoreStager stager({"l", 9});
  ASSERT_THAT(stager.Receive(Score("minerals/gone", "value: 1")), IsOk());
  EXPECT_THAT(*stager.Receive(Bookmark("l", 7)), Eq(std::nullopt));
  ASSERT_THAT(stager.Receive(Score("minerals/a", "value: 1")), IsOk());
  EXPECT_THAT(*stager.Receive(Complete(Bookmark("l", 8))), Eq(std::nullopt));
  const ScoreBatch batch = BatchOf(stager, Bookmark("l", 9));
  EXPECT_TRUE(batch.complete);
  ASSERT_THAT(batch.scores, SizeIs(1));
  EXPECT_EQ(batch.scores[0].key.subject, "minerals/a");
}

TEST(ScoreStagerTest, AStreamMayPassToAnotherLineageWithEveryScoreThereIs) {
  ScoreStager stager({"l", 9});
  BatchOf(stager, Bookmark("l", 9));
  ASSERT_THAT(stager.Receive(Score("minerals/a", "value: 1")), IsOk());
  const ScoreBatch batch = BatchOf(stager, Complete(Bookmark("m", 1)));
  EXPECT_EQ(batch.revision, (Revision{"m", 1}));
  EXPECT_TRUE(batch.complete);
  EXPECT_FALSE(BatchOf(stager, Bookmark("m", 2)).complete);
}

TEST(ScoreStagerTest, AStreamMayNotPassToAnotherLineage) {
  ScoreStager stager({"l", 9});
  BatchOf(stager, Bookmark("l", 9));
  EXPECT_THAT(stager.Receive(Bookmark("m", 10)), HasError(absl::StatusCode::kAborted, "LINEAGE_CHANGED"));
}

}  // namespace
}  // namespace orewatch::alerting
