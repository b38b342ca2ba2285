#include "common/exec/executor.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"

namespace orewatch {
namespace {

TEST(ExecutorTest, RunsTasksInTheOrderOfSubmissionAndAllBeforeItEnds) {
  std::vector<int> ran;
  {
    Executor executor(1, 100);
    for (int i = 0; i < 100; ++i) {
      EXPECT_TRUE(executor.TrySubmit([&ran, i] { ran.push_back(i); }));
    }
  }
  ASSERT_EQ(ran.size(), 100u);
  EXPECT_TRUE(std::is_sorted(ran.begin(), ran.end()));
}

TEST(ExecutorTest, RefusesWhatDoesNotFitTheQueue) {
  absl::Notification started;
  absl::Notification release;
  std::atomic<int> ran{0};
  Executor executor(1, 2);
  ASSERT_TRUE(executor.TrySubmit([&] {
    started.Notify();
    release.WaitForNotification();
  }));
  started.WaitForNotification();
  EXPECT_TRUE(executor.TrySubmit([&] { ++ran; }));
  EXPECT_TRUE(executor.TrySubmit([&] { ++ran; }));
  EXPECT_FALSE(executor.TrySubmit([&] { ++ran; }));
  EXPECT_EQ(executor.queued(), 2u);
  release.Notify();
}

TEST(ExecutorTest, TasksRunBesideEachOther) {
  absl::Notification first;
  absl::Notification second;
  Executor executor(2, 2);
  executor.TrySubmit([&] {
    first.Notify();
    second.WaitForNotification();
  });
  executor.TrySubmit([&] {
    second.Notify();
    first.WaitForNotification();
  });
}

TEST(ExecutorTest, AnEarlierLaneGoesFirstAndTheLastDoesNotStarve) {
  absl::Notification started;
  absl::Notification release;
  std::vector<size_t> ran;
  {
    Executor executor(1, 100);
    ASSERT_TRUE(executor.TrySubmit([&] {
      started.Notify();
      release.WaitForNotification();
    }));
    started.WaitForNotification();
    EXPECT_EQ(executor.WaitingSince(2), absl::InfiniteFuture());
    for (const size_t lane : {2u, 1u, 0u}) {
      for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(executor.TrySubmit([&ran, lane] { ran.push_back(lane); }, lane, 100));
      }
    }
    EXPECT_EQ(executor.queued(), 30u);
    EXPECT_GT(executor.WaitingSince(0), executor.WaitingSince(1));
    EXPECT_GT(executor.WaitingSince(1), executor.WaitingSince(2));
    release.Notify();
  }
  ASSERT_EQ(ran.size(), 30u);
  EXPECT_EQ(std::count(ran.begin(), ran.begin() + 8, 0u), 7) << "one in eight is of the last";
  EXPECT_EQ(std::count(ran.begin(), ran.begin() + 8, 2u), 1);
}

TEST(ExecutorTest, ALaneMayUseOnlyItsPartOfTheQueue) {
  absl::Notification started;
  absl::Notification release;
  Executor executor(1, 4);
  ASSERT_TRUE(executor.TrySubmit([&] {
    started.Notify();
    release.WaitForNotification();
  }));
  started.WaitForNotification();
  EXPECT_TRUE(executor.TrySubmit([] {}, 2, 2));
  EXPECT_TRUE(executor.TrySubmit([] {}, 2, 2));
  EXPECT_FALSE(executor.TrySubmit([] {}, 2, 2));
  EXPECT_TRUE(executor.TrySubmit([] {}, 1, 3));
  EXPECT_FALSE(executor.TrySubmit([] {}, 1, 3));
  EXPECT_TRUE(executor.TrySubmit([] {}, 0, 4));
  EXPECT_FALSE(executor.TrySubmit([] {}, 0, 9)) << "no lane has more than there is";
  release.Notify();
}

}  // namespace
}  // namespace orewatch
