#include "services/registry/store/postgres/known_history.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orewatch::registry {
namespace {

History Of(const std::string& lineage, int64_t head, const std::string& digest) {
  History history;
  history.lineage = lineage;
  history.head = head;
  history.digest = digest;
  return history;
}

TEST(KnownHistoryTest, TakesOverAnotherLineageWhateverItsHeadAndOnlyGrowsWithinOne) {
  KnownHistory known;
  int rung = 0;
  const auto subscription = known.changed().Subscribe([&] { ++rung; });
  known.Adopt(Of("one", 5, "five"));
  known.Adopt(Of("one", 4, "four"));
  EXPECT_EQ(known.head(), 5);
  known.Advance({"another", 9, "nine", 0});
  EXPECT_EQ(known.head(), 5);
  known.Advance({"one", 6, "six", 2});
  EXPECT_EQ(known.head(), 6);
  EXPECT_EQ(known.earliest(), 2);
  const std::string& before = known.lineage();
  known.Adopt(Of("two", 3, "three"));
  EXPECT_EQ(known.lineage(), "two");
  EXPECT_EQ(known.head(), 3);
  EXPECT_EQ(known.earliest(), 0);
  EXPECT_EQ(before, "one");
  EXPECT_TRUE(known.HasLeft("one"));
  EXPECT_FALSE(known.HasLeft("two"));
  EXPECT_FALSE(known.HasLeft("three"));
  EXPECT_EQ(rung, 3);
}

TEST(KnownHistoryTest, AHistoryWithoutWhatIsKnownContradictsIt) {
  const KnownHistory::Position known{"one", 5, "five", 0};
  const auto contradicts = [&](History read, std::optional<std::string> digest) {
    read.known_digest = std::move(digest);
    return Contradicts(known, read);
  };
  EXPECT_FALSE(contradicts(Of("one", 5, "five"), "five"));
  EXPECT_FALSE(contradicts(Of("one", 8, "eight"), "five"));
  EXPECT_TRUE(contradicts(Of("one", 4, "four"), std::nullopt));
  EXPECT_TRUE(contradicts(Of("one", 8, "eight"), "other"));
  EXPECT_TRUE(contradicts(Of("one", 8, "eight"), std::nullopt));
  EXPECT_FALSE(contradicts(Of("two", 4, "four"), std::nullopt)) << "says itself that it is another";
  EXPECT_FALSE(Contradicts(KnownHistory::Position{"one", 0, "", 0}, Of("one", 0, "")));
}

TEST(KnownHistoryTest, ReadsWhatItAnnouncesAndNothingElse) {
  const KnownHistory::Position position{"l", 7, std::string("\x00\xff z", 4), 2};
  const auto read = PositionIn(AnnouncementOf(position));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->lineage, "l");
  EXPECT_EQ(read->head, 7);
  EXPECT_EQ(read->earliest, 2);
  EXPECT_EQ(read->digest, position.digest);
  for (const char* other : {"", "7", "l 7 2", "l seven 2 ff", "l 7 x ff", "l 7 2 ff more"}) {
    EXPECT_FALSE(PositionIn(other).has_value()) << other;
  }
}

}  // namespace
}  // namespace orewatch::registry
