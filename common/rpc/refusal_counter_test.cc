#include "common/rpc/refusal_counter.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace orewatch::rpc {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr RefusalCounter::Options kOptions = {
    .singly = 3, .singly_together = 10, .interval = absl::Seconds(10), .max_keys = 5};
const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

RefusalCounter::Sum Refusal(const std::string& caller, const std::string& reason = "ROLE_MISSING") {
  RefusalCounter::Sum refusal;
  refusal.caller = caller;
  refusal.reason = reason;
  refusal.method = "Service/Method";
  refusal.code = "PermissionDenied";
  return refusal;
}

TEST(RefusalCounterTest, TellsTheFirstFewAndCountsTheRest) {
  RefusalCounter counter(kOptions);
  int told = 0;
  for (int i = 0; i < 100; ++i) {
    told += counter.Tell(Refusal("eve"), kStart + absl::Milliseconds(i)) ? 1 : 0;
  }
  EXPECT_EQ(told, 3);
  EXPECT_THAT(counter.TakeEnded(kStart + absl::Seconds(9)), IsEmpty());
  const auto sums = counter.TakeEnded(kStart + absl::Seconds(10));
  ASSERT_THAT(sums, SizeIs(1));
  EXPECT_EQ(sums[0].count, 97);
  EXPECT_EQ(sums[0].caller, "eve");
  EXPECT_EQ(sums[0].reason, "ROLE_MISSING");
  EXPECT_EQ(sums[0].since, kStart + absl::Milliseconds(3));
  EXPECT_TRUE(counter.Tell(Refusal("eve"), kStart + absl::Seconds(10))) << "a new interval";
}

TEST(RefusalCounterTest, CountsEachCallerAndReasonForItself) {
  RefusalCounter counter(kOptions);
  for (int i = 0; i < 4; ++i) {
    counter.Tell(Refusal("eve"), kStart);
  }
  EXPECT_TRUE(counter.Tell(Refusal("mallory"), kStart));
  EXPECT_TRUE(counter.Tell(Refusal("eve", "RATE_LIMITED"), kStart));
  EXPECT_FALSE(counter.Tell(Refusal("eve"), kStart));
}

TEST(RefusalCounterTest, ManyCallersTogetherAreToldNoMoreThanACrowdIs) {
  RefusalCounter counter(kOptions);
  int told = 0;
  for (int i = 0; i < 100; ++i) {
    told += counter.Tell(Refusal(absl::StrCat("peer", i % 4)), kStart) ? 1 : 0;
  }
  EXPECT_EQ(told, 10);
  int64_t counted = 0;
  for (const auto& sum : counter.TakeAll()) {
    counted += sum.count;
  }
  EXPECT_EQ(counted, 90);
}

TEST(RefusalCounterTest, TellsAllIfItIsToldTo) {
  RefusalCounter counter({.singly = 0});
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(counter.Tell(Refusal("eve"), kStart));
  }
  EXPECT_THAT(counter.TakeAll(), IsEmpty());
}

TEST(RefusalCounterTest, ACrowdSharesOneNumber) {
  RefusalCounter counter(kOptions);
  int told = 0;
  for (int i = 0; i < 1000; ++i) {
    told += counter.Tell(Refusal(absl::StrCat("peer", i)), kStart) ? 1 : 0;
  }
  EXPECT_EQ(told, 5);
  const auto sums = counter.TakeAll();
  ASSERT_THAT(sums, SizeIs(1));
  EXPECT_EQ(sums[0].count, 995);
  EXPECT_EQ(sums[0].caller, "");
  EXPECT_THAT(counter.TakeAll(), IsEmpty());
}

}  // namespace
}  // namespace orewatch::rpc
