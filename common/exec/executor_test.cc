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

}  // namespace
}  // namespace orewatch
