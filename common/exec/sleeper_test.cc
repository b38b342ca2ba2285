#include "common/exec/sleeper.h"

#include <thread>

#include "common/time/steady.h"
#include "gtest/gtest.h"

namespace orewatch {
namespace {

TEST(SleeperTest, SleepsForAsLongAsItIsTold) {
  constexpr absl::Duration kNap = absl::Milliseconds(20);
  Sleeper sleeper;
  const absl::Time start = SteadyNow();
  EXPECT_TRUE(sleeper.SleepFor(kNap));
  EXPECT_GE(SteadyNow() - start, kNap);
}

TEST(SleeperTest, AWakeBeforeItSleepsIsNotLost) {
  Sleeper sleeper;
  sleeper.Wake();
  EXPECT_TRUE(sleeper.SleepFor(absl::InfiniteDuration()));
}

TEST(SleeperTest, IsWokenWhileItSleeps) {
  Sleeper sleeper;
  std::thread other([&] { sleeper.Wake(); });
  EXPECT_TRUE(sleeper.SleepFor(absl::InfiniteDuration()));
  other.join();
}

TEST(SleeperTest, IsStoppedWhileItSleeps) {
  Sleeper sleeper;
  std::thread other([&] { sleeper.Stop(); });
  EXPECT_FALSE(sleeper.SleepThrough(absl::InfiniteDuration()));
  EXPECT_FALSE(sleeper.SleepFor(absl::InfiniteDuration()));
  other.join();
}

TEST(SleeperTest, SleepsThroughAWakeAndRemembersIt) {
  constexpr absl::Duration kNap = absl::Milliseconds(20);
  Sleeper sleeper;
  sleeper.Wake();
  const absl::Time start = SteadyNow();
  EXPECT_TRUE(sleeper.SleepThrough(kNap));
  EXPECT_GE(SteadyNow() - start, kNap);
  EXPECT_TRUE(sleeper.SleepFor(absl::InfiniteDuration()));
}

}  // namespace
}  // namespace orewatch
