#include "services/alerting/feed/fact_stager.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "orewatch/alerting/v1/happening.pb.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using registry::v1::ChangeSet;
using registry::v1::ExportResponse;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;

std::string Facility(const std::string& id, const std::string& rest) {
  return absl::StrCat("facility { name: 'suppliers/a/facilities/", id, "' ", rest, " } ");
}
std::string Closed(const std::string& id) { return Facility(id, "status: STATUS_CLOSED"); }
std::string Running(const std::string& id) { return Facility(id, "status: STATUS_OPERATING"); }
std::string NameOf(const std::string& id) { return absl::StrCat("suppliers/a/facilities/", id); }

std::string After(const std::string& entry) { return absl::StrCat("changes { after { ", entry, " } } "); }
std::string Deletion(const std::string& id) {
  return absl::StrCat("changes { operation: OPERATION_DELETE name: '", NameOf(id), "' before { ", Closed(id), " } } ");
}

ChangeSet Chunk(int64_t number, const std::string& changes) {
  return ParseProto<ChangeSet>(absl::StrCat("revision { lineage: 'l' number: ", number, " } ", changes));
}
ChangeSet LastChunk(int64_t number, const std::string& changes) {
  ChangeSet chunk = Chunk(number, changes);
  chunk.set_last_chunk(true);
  chunk.set_digest(absl::StrCat("digest ", number));
  chunk.mutable_commit_time()->set_seconds(1000 + number);
  return chunk;
}

class FactStagerTest : public ::testing::Test {
 protected:
  // Of a message that must complete a batch.
  template <typename Message>
  FactBatch BatchOf(const Message& message) {
    const absl::StatusOr<std::optional<FactBatch>> batch = stager_.Receive(message);
    EXPECT_THAT(batch, IsOk());
    EXPECT_TRUE(batch.ok() && batch->has_value());
    return batch.ok() ? batch->value_or(FactBatch()) : FactBatch();
  }
  static std::vector<std::string> NamesIn(const FactBatch& batch) {
    std::vector<std::string> names;
    for (const Fact& fact : batch.facts) {
      names.push_back(fact.resource);
    }
    return names;
  }

  std::set<std::string> known_;
  FactStager stager_{3, [this](const std::string& resource) { return known_.count(resource) > 0; }};
};

TEST_F(FactStagerTest, ARevisionIsHandedOnWholeWithItsLastChunk) {
  EXPECT_THAT(*stager_.Receive(Chunk(4, After(Closed("b")))), Eq(std::nullopt));
  const FactBatch batch = BatchOf(LastChunk(4, After(Closed("a"))));
  EXPECT_EQ(batch.position.revision, (Revision{"l", 4}));
  EXPECT_EQ(batch.position.digest, "digest 4");
  EXPECT_EQ(batch.commit_time, absl::FromUnixSeconds(1004));
  EXPECT_FALSE(batch.complete);
  EXPECT_THAT(NamesIn(batch), ElementsAre(NameOf("a"), NameOf("b")));
  EXPECT_EQ(batch.facts[0].revision, 4);
}

TEST_F(FactStagerTest, WhatEndsIsSaidOnlyOfWhatWasKnown) {
  known_ = {NameOf("opened"), NameOf("deleted")};
  const FactBatch batch = BatchOf(
      LastChunk(4, After(Running("opened")) + After(Running("other")) + Deletion("deleted") + Deletion("stranger")));
  EXPECT_THAT(NamesIn(batch), ElementsAre(NameOf("opened")));
  EXPECT_THAT(batch.facts.at(0).spells, IsEmpty());
  EXPECT_THAT(batch.removed, ElementsAre(NameOf("deleted")));
}

TEST_F(FactStagerTest, ARevisionThatSaysNothingMovesThePosition) {
  const FactBatch nothing = BatchOf(LastChunk(4, After("mineral { name: 'minerals/m' }")));
  EXPECT_EQ(nothing.position.revision.number, 4);
  EXPECT_EQ(nothing.position.digest, "digest 4");
  EXPECT_THAT(nothing.facts, IsEmpty());
  ChangeSet bookmark = LastChunk(9, "");
  bookmark.set_bookmark(true);
  EXPECT_EQ(BatchOf(bookmark).position.revision.number, 9);
}

TEST_F(FactStagerTest, ABatchHoldsNothingOfTheOneBefore) {
  BatchOf(LastChunk(4, After(Closed("a"))));
  EXPECT_THAT(NamesIn(BatchOf(LastChunk(5, After(Closed("b"))))), ElementsAre(NameOf("b")));
}

TEST_F(FactStagerTest, AChangeOfOwnersBeginsWithItsCommit) {
  const ChangeSet change =
      LastChunk(4, absl::StrCat("changes { before { ", Facility("a", "owners { display_name: 'x' }"), " } after { ",
                                Facility("a", "owners { display_name: 'y' }"), " } }"));
  EXPECT_THAT(BatchOf(change).facts.at(0).spells,
              ElementsAre(Spell{.state = kOwnerChanged, .from = absl::FromUnixSeconds(1004)}));
}

TEST_F(FactStagerTest, WhatDoesNotGoOnFromBeforeIsRefused) {
  EXPECT_THAT(stager_.Receive(LastChunk(3, "")), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(stager_.Receive(Chunk(4, "")), IsOk());
  EXPECT_THAT(stager_.Receive(LastChunk(5, "")), HasCode(absl::StatusCode::kDataLoss));
}

TEST_F(FactStagerTest, AnExportIsOneCompleteBatch) {
  known_ = {NameOf("known")};
  auto chunk = ParseProto<ExportResponse>(
      absl::StrCat("revision { lineage: 'l' number: 9 } entries { ", Closed("z"), " } entries { ", Running("known"),
                   " } entries { ", Running("other"), " } entries { mineral { name: 'minerals/m' } }"));
  EXPECT_THAT(stager_.Receive(chunk), Eq(std::nullopt));
  chunk = ParseProto<ExportResponse>(
      absl::StrCat("revision { lineage: 'l' number: 9 } commit_time { seconds: 77 } entries { ", Closed("b"), " }"));
  chunk.set_done(true);
  chunk.set_digest("digest 9");
  const FactBatch batch = BatchOf(chunk);
  EXPECT_TRUE(batch.complete);
  EXPECT_EQ(batch.position.revision, (Revision{"l", 9}));
  EXPECT_EQ(batch.position.digest, "digest 9");
  EXPECT_EQ(batch.commit_time, absl::FromUnixSeconds(77));
  EXPECT_THAT(NamesIn(batch), ElementsAre(NameOf("b"), NameOf("known"), NameOf("z")));
  EXPECT_THAT(batch.facts.at(1).spells, IsEmpty());
  EXPECT_THAT(batch.removed, IsEmpty());
}

TEST_F(FactStagerTest, AnEmptyRegistryIsCompleteAndCountsAsNow) {
  ExportResponse chunk;
  chunk.mutable_revision()->set_lineage("l");
  chunk.set_done(true);
  const FactBatch batch = BatchOf(chunk);
  EXPECT_TRUE(batch.complete);
  EXPECT_EQ(batch.commit_time, absl::InfiniteFuture());
}

}  // namespace
}  // namespace orewatch::alerting
