#include "common/rpc/cancellation.h"

#include "gtest/gtest.h"

namespace orewatch::rpc {
namespace {

TEST(CancellationTest, RunsEachHookOnceWhicheverCopyIsCancelled) {
  const Cancellation cancellation;
  const Cancellation copy = cancellation;
  int first = 0;
  int second = 0;
  copy.OnCancel([&] { ++first; });
  cancellation.OnCancel([&] { ++second; });
  EXPECT_FALSE(copy.cancelled());
  cancellation.Cancel();
  copy.Cancel();
  EXPECT_TRUE(copy.cancelled());
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
}

TEST(CancellationTest, RunsAHookThatComesTooLateAtOnce) {
  const Cancellation cancellation;
  cancellation.Cancel();
  bool ran = false;
  cancellation.OnCancel([&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(CancellationTest, AHookMayAskAndCancelAgain) {
  const Cancellation cancellation;
  bool seen = false;
  cancellation.OnCancel([&, copy = cancellation] {
    copy.Cancel();
    seen = copy.cancelled();
  });
  cancellation.Cancel();
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace orewatch::rpc
