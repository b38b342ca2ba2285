#include "common/rpc/rate_limiter.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace orewatch::rpc {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);
constexpr RateLimits kLimits = {.cost_per_second = 10, .burst = 20, .max_callers = 3};

TEST(RateLimiterTest, ABucketIsFullAtFirstAndFillsWithTime) {
  RateLimiter limiter(kLimits);
  EXPECT_EQ(limiter.Spend("ann", 20, kStart), absl::ZeroDuration());
  EXPECT_EQ(limiter.Spend("ann", 1, kStart), absl::Milliseconds(100));
  EXPECT_EQ(limiter.Spend("ann", 5, kStart), absl::Milliseconds(500)) << "what was refused took nothing";
  EXPECT_EQ(limiter.Spend("ann", 5, kStart + absl::Milliseconds(500)), absl::ZeroDuration());
  EXPECT_GT(limiter.Spend("ann", 1, kStart + absl::Milliseconds(500)), absl::ZeroDuration());
  EXPECT_EQ(limiter.Spend("ann", 20, kStart + absl::Hours(1)), absl::ZeroDuration());
  EXPECT_GT(limiter.Spend("ann", 1, kStart + absl::Hours(1)), absl::ZeroDuration()) << "no fuller than full";
}

TEST(RateLimiterTest, CallersDoNotSpendEachOthersAllowance) {
  RateLimiter limiter(kLimits);
  EXPECT_EQ(limiter.Spend("ann", 20, kStart), absl::ZeroDuration());
  EXPECT_EQ(limiter.Spend("bob", 20, kStart), absl::ZeroDuration());
}

TEST(RateLimiterTest, WhatCostsMoreThanABucketHoldsTakesAllOfIt) {
  RateLimiter limiter(kLimits);
  EXPECT_EQ(limiter.Spend("ann", 100, kStart), absl::ZeroDuration());
  EXPECT_EQ(limiter.Spend("ann", 100, kStart), absl::Seconds(2));
  EXPECT_EQ(limiter.Spend("ann", 100, kStart + absl::Seconds(2)), absl::ZeroDuration());
}

TEST(RateLimiterTest, AClockThatIsSetBackFillsNothing) {
  RateLimiter limiter(kLimits);
  EXPECT_EQ(limiter.Spend("ann", 20, kStart), absl::ZeroDuration());
  EXPECT_EQ(limiter.Spend("ann", 1, kStart - absl::Hours(1)), absl::Milliseconds(100));
  EXPECT_EQ(limiter.Spend("ann", 1, kStart - absl::Hours(1) + absl::Milliseconds(100)), absl::ZeroDuration());
}

TEST(RateLimiterTest, OverAnySpanACallerGetsNoMoreThanTheRateAndTheBurst) {
  RateLimiter limiter(kLimits);
  int spent = 0;
  for (int ms = 0; ms < 10'000; ms += 7) {
    spent += limiter.Spend("ann", 3, kStart + absl::Milliseconds(ms)) == absl::ZeroDuration() ? 3 : 0;
  }
  EXPECT_LE(spent, 120);
  EXPECT_GE(spent, 115);
}

TEST(RateLimiterTest, KeepsABoundedNumberOfBuckets) {
  RateLimiter limiter(kLimits);
  limiter.Spend("ann", 20, kStart);
  for (int i = 0; i < 1000; ++i) {
    limiter.Spend(absl::StrCat("caller", i), 1, kStart);
    // Whoever comes often is not forgotten.
    EXPECT_GT(limiter.Spend("ann", 1, kStart), absl::ZeroDuration());
  }
  EXPECT_EQ(limiter.callers(), 3u);
}

TEST(RateLimiterTest, AHostIsAPeerWithoutItsPort) {
  EXPECT_EQ(HostOfPeer("ipv4:10.0.0.1:4711"), "ipv4:10.0.0.1");
  EXPECT_EQ(HostOfPeer("ipv6:%5B::1%5D:4711"), "ipv6:%5B::1%5D");
}

}  // namespace
}  // namespace orewatch::rpc
