#include "services/alerting/engine/grid_ticker.h"

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

TEST(GridTickerTest, CallsWhenTheClockReachesATick) {
  FakeClock clock(TimeOf(1000) + absl::Seconds(1));
  absl::Notification ticked;
  GridTicker ticker(clock, [&] { ticked.Notify(); });
  EXPECT_FALSE(ticked.WaitForNotificationWithTimeout(absl::Milliseconds(20)));
  clock.Advance(kTick);
  EXPECT_TRUE(ticked.WaitForNotificationWithTimeout(absl::Seconds(30)));
}

TEST(GridTickerTest, StopsWhileItWaits) {
  FakeClock clock(TimeOf(1000));
  GridTicker ticker(clock, [] { FAIL(); });
}

}  // namespace
}  // namespace orewatch::alerting
