#include "common/exec/byte_budget.h"

#include "gtest/gtest.h"

namespace orewatch {
namespace {

TEST(ByteBudgetTest, GivesOutNoMoreThanThereIsAndTakesItBack) {
  ByteBudget budget(100);
  ByteBudget::Holding first(budget);
  EXPECT_TRUE(first.Resize(60));
  {
    ByteBudget::Holding second(budget);
    EXPECT_TRUE(second.Resize(40));
    EXPECT_FALSE(second.Resize(41));
    EXPECT_FALSE(first.Resize(61));
    EXPECT_TRUE(first.Resize(10));
    EXPECT_TRUE(second.Resize(90));
  }
  EXPECT_TRUE(first.Resize(100));
  EXPECT_FALSE(first.Resize(101));
}

}  // namespace
}  // namespace orewatch
