#include "common/exec/repeater.h"

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace orewatch {
namespace {

TEST(RepeaterTest, RunsAgainAndAgain) {
  constexpr int kRuns = 3;
  int runs = 0;
  absl::Notification enough;
  const Repeater repeater([&] {
    if (++runs == kRuns) {
      enough.Notify();
    }
    return runs < kRuns ? absl::ZeroDuration() : absl::InfiniteDuration();
  });
  enough.WaitForNotification();
}

TEST(RepeaterTest, StopsWhileItWaitsForTheFirstRun) {
  const Repeater repeater(
      [] {
        ADD_FAILURE() << "it is not time yet";
        return absl::InfiniteDuration();
      },
      absl::InfiniteDuration());
}

TEST(RepeaterTest, WaitsForARunThatHasBegun) {
  absl::Notification began;
  bool ended = false;
  {
    const Repeater repeater([&] {
      began.Notify();
      ended = true;
      return absl::InfiniteDuration();
    });
    began.WaitForNotification();
  }
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace orewatch
