#include "services/risk/domain/time_to_survive.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <random>

#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

StockLink Link(size_t from, size_t to, std::optional<double> cover) { return {from, to, cover, true, 10, {}}; }

// 0 -> 1 -> 3 with 4 + 6 days, 0 -> 2 -> 3 with 1 + 30 days.
StockChain TwoWays() {
  return {std::vector<StockNode>(4), {Link(0, 1, 4), Link(1, 3, 6), Link(0, 2, 1), Link(2, 3, 30)}};
}

TEST(CoverDaysTest, IsUnknownWithoutStockOrUse) {
  EXPECT_EQ(CoverDays(100, 4), 25);
  EXPECT_EQ(CoverDays(std::nullopt, 4), std::nullopt);
  EXPECT_EQ(CoverDays(100, std::nullopt), std::nullopt);
  EXPECT_EQ(CoverDays(100, 0), std::nullopt);
}

TEST(TimeToSurviveTest, IsTheLeastSumOfStocksOverAllPaths) {
  const Days days = TimeToSurvive(TwoWays(), 0, 3);
  EXPECT_TRUE(days.known());
  EXPECT_EQ(days.lower, 10);
  EXPECT_THAT(days.reasons, IsEmpty());
}

TEST(TimeToSurviveTest, CountsFinishedGoodsOnTheWay) {
  StockChain chain = TwoWays();
  chain.nodes[0].cover_days = 2;
  chain.nodes[1].cover_days = 50;
  EXPECT_EQ(TimeToSurvive(chain, 0, 3).lower, 33);
  EXPECT_EQ(TimeToSurvive(chain, 0, 0).lower, 2);
}

TEST(TimeToSurviveTest, IsNeverWhereTheProductDoesNotDependOnTheLost) {
  EXPECT_TRUE(TimeToSurvive(TwoWays(), 3, 0).never());
  EXPECT_TRUE(TimeToSurvive(TwoWays(), 3, 0).known());
}

TEST(TimeToSurviveTest, IsNeverOnlyWhenAnAlternateTakesOverOnEveryPath) {
  StockChain chain = TwoWays();
  chain.links[1].alternates_spare_tonnes_per_day = {3, 10};
  EXPECT_EQ(TimeToSurvive(chain, 0, 3).lower, 31);
  chain.links[2].alternates_spare_tonnes_per_day = {9.5};
  EXPECT_EQ(TimeToSurvive(chain, 0, 3).lower, 31);
  chain.links[2].alternates_spare_tonnes_per_day = {10};
  EXPECT_TRUE(TimeToSurvive(chain, 0, 3).never());
}

TEST(TimeToSurviveTest, IgnoresWhatIsNotEssential) {
  StockChain chain = TwoWays();
  chain.links[0].essential = false;
  EXPECT_EQ(TimeToSurvive(chain, 0, 3).lower, 31);
}

TEST(TimeToSurviveTest, IsUnknownWithoutStocksAndSaysHowFarItMayGo) {
  StockChain chain = TwoWays();
  chain.links[1].cover_days.reset();
  const Days days = TimeToSurvive(chain, 0, 3);
  EXPECT_FALSE(days.known());
  EXPECT_EQ(days.lower, 4);
  EXPECT_EQ(days.upper, 31);
  EXPECT_THAT(days.reasons, ElementsAre("STOCK_UNKNOWN"));
}

TEST(TimeToSurviveTest, IsKnownInSpiteOfUnknownStocksThatCannotMatter) {
  StockChain chain = TwoWays();
  chain.links[2].cover_days.reset();
  EXPECT_TRUE(TimeToSurvive(chain, 0, 3).known());
}

TEST(TimeToSurviveTest, NamesEachUnknownOnTheEarliestPath) {
  StockChain chain = TwoWays();
  chain.links[0].essential.reset();
  chain.links[1].alternates_spare_tonnes_per_day = {std::nullopt};
  EXPECT_THAT(TimeToSurvive(chain, 0, 3).reasons, ElementsAre("ALTERNATE_UNKNOWN", "ESSENTIAL_UNKNOWN"));
}

TEST(LostDuringTest, IsDemandTimesTheDaysWithoutOutput) {
  const LostUnits lost = LostDuring(TimeToSurvive(TwoWays(), 0, 3), 2, 60);
  EXPECT_TRUE(lost.known());
  EXPECT_EQ(lost.lower, 100);
  EXPECT_EQ(LostDuring(TimeToSurvive(TwoWays(), 0, 3), 2, 5).lower, 0);
  EXPECT_EQ(*LostDuring(TimeToSurvive(TwoWays(), 3, 0), 2, 60).upper, 0);
}

TEST(LostDuringTest, IsUnknownWithoutARequirement) {
  const LostUnits lost = LostDuring(TimeToSurvive(TwoWays(), 0, 3), std::nullopt, 60);
  EXPECT_FALSE(lost.known());
  EXPECT_THAT(lost.reasons, ElementsAre("NO_REQUIREMENT"));
}

TEST(LostDuringTest, WidensWithTheDays) {
  StockChain chain = TwoWays();
  chain.links[1].cover_days.reset();
  const LostUnits lost = LostDuring(TimeToSurvive(chain, 0, 3), 1, 60);
  EXPECT_EQ(lost.lower, 29);
  EXPECT_EQ(lost.upper, 56);
}

// Every way through a chain with cycles, walked one by one.
double ByWalking(const StockChain& chain, size_t lost, size_t product) {
  double least = std::numeric_limits<double>::infinity();
  std::vector<bool> on_path(chain.nodes.size());
  const std::function<void(size_t, double)> walk = [&](size_t node, double days) {
    days += chain.nodes[node].cover_days;
    if (node == product) {
      least = std::min(least, days);
      return;
    }
    on_path[node] = true;
    for (const StockLink& link : chain.links) {
      if (link.from == node && !on_path[link.to]) {
        walk(link.to, days + *link.cover_days);
      }
    }
    on_path[node] = false;
  };
  walk(lost, 0);
  return least;
}

TEST(TimeToSurviveTest, BoundsHoldWhateverTheUnknownStocksAre) {
  std::mt19937 random(11);
  const auto below = [&](int end) { return std::uniform_int_distribution<int>(0, end - 1)(random); };
  for (int round = 0; round < 500; ++round) {
    StockChain chain{std::vector<StockNode>(8), {}};
    for (int i = 0; i < 16; ++i) {
      const bool unknown = below(5) == 0;
      chain.links.push_back(Link(static_cast<size_t>(below(8)), static_cast<size_t>(below(8)),
                                 unknown ? std::nullopt : std::optional<double>(below(40))));
    }
    const Days days = TimeToSurvive(chain, 0, 7);
    for (StockLink& link : chain.links) {
      link.cover_days = link.cover_days.value_or(below(80));
    }
    const double truth = ByWalking(chain, 0, 7);
    EXPECT_LE(days.lower.value_or(std::numeric_limits<double>::infinity()), truth);
    EXPECT_GE(days.upper.value_or(std::numeric_limits<double>::infinity()), truth);
  }
}

}  // namespace
}  // namespace orewatch::risk
