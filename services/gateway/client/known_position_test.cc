#include "services/gateway/client/known_position.h"

#include "gtest/gtest.h"

namespace orewatch::gateway {
namespace {

class KnownPositionTest : public ::testing::Test {
 protected:
  uint64_t Stamp() const { return position_.StampAt(now_); }
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  KnownPosition position_;
};

TEST_F(KnownPositionTest, NothingIsKnownBeforeItIsHeardAndAfterItIsLost) {
  EXPECT_EQ(Stamp(), 0U);
  position_.Confirmed("l", 7, now_);
  EXPECT_EQ(Stamp(), 0U) << "nobody follows";
  position_.Heard("l", 7, now_);
  const uint64_t first = Stamp();
  EXPECT_NE(first, 0U);
  position_.Lost();
  EXPECT_EQ(Stamp(), 0U);
  position_.Heard("l", 7, now_);
  EXPECT_NE(Stamp(), first) << "it may have moved on and been restored meanwhile";
}

TEST_F(KnownPositionTest, AStampChangesWithTheNumberAndTheHistoryAlone) {
  position_.Heard("l", 7, now_);
  const uint64_t at_seven = Stamp();
  position_.Heard("l", 7, now_);
  position_.Heard("l", 6, now_);
  EXPECT_EQ(Stamp(), at_seven) << "a replica that lags says nothing new";
  EXPECT_EQ(position_.Get(now_).number, 7);
  position_.Heard("l", 8, now_);
  const uint64_t at_eight = Stamp();
  EXPECT_NE(at_eight, at_seven);
  position_.Heard("restored", 5, now_);
  EXPECT_NE(Stamp(), at_eight);
  EXPECT_EQ(position_.Get(now_).number, 5);
}

TEST_F(KnownPositionTest, WhoIsSilentIsNotKnownUntilHeardAgain) {
  position_.Heard("l", 7, now_);
  const uint64_t before = Stamp();
  now_ += KnownPosition::kTrust - absl::Milliseconds(1);
  position_.Confirmed("l", 7, now_);
  now_ += KnownPosition::kTrust - absl::Milliseconds(1);
  EXPECT_EQ(Stamp(), before);
  now_ += absl::Milliseconds(1);
  EXPECT_EQ(Stamp(), 0U);
  position_.Confirmed("l", 7, now_);
  EXPECT_NE(Stamp(), 0U);
  EXPECT_NE(Stamp(), before);
}

}  // namespace
}  // namespace orewatch::gateway
