#include "services/risk/domain/stock_cover.h"

#include "gmock/gmock.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kMineral[] = "minerals/x";

TEST(StockCoverTest, DaysAreStockOverDailyUse) {
  EXPECT_DOUBLE_EQ(*DaysOfCover(100, 730), 50);
  EXPECT_FALSE(DaysOfCover(100, 0).has_value());
  EXPECT_EQ(ClassOf(59, {60, 100, 180}), 0);
  EXPECT_EQ(ClassOf(60, {60, 100, 180}), 60);
  EXPECT_EQ(ClassOf(500, {60, 100, 180}), 180);
}

StockpileFact Stock(std::optional<double> days, const std::string& as_of = "2024") {
  StockpileFact fact;
  fact.country = "KR";
  fact.minerals = {kMineral};
  fact.held_days = days;
  fact.denominator = "domestic use";
  fact.provenance.as_of = as_of;
  return fact;
}

class StockCoverModelTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Score> Compute() const { return Model(Parameters()).Apply(changes_, 1)->Find(kKey); }
  static Estimate Part(const Score& score, const std::string& name) {
    for (const Component& component : score.components) {
      if (component.name == name) {
        return component.estimate;
      }
    }
    ADD_FAILURE() << name;
    return {};
  }
  const ScoreKey kKey{kMineral, 0, "countries/KR", Method::kStockCover};
  Changes changes_;
};

TEST_F(StockCoverModelTest, IsUnsetWithoutAStockOfTheMineralItself) {
  EXPECT_THAT(Compute()->estimate.reasons, ElementsAre("NO_STOCKPILE"));
  changes_.stockpiles["stockpiles/a"] = Stock(std::nullopt);
  changes_.stockpiles["stockpiles/b"] = Stock(90);
  changes_.stockpiles["stockpiles/b"]->minerals.clear();
  changes_.stockpiles["stockpiles/c"] = Stock(90);
  changes_.stockpiles["stockpiles/c"]->country = "JP";
  EXPECT_THAT(Compute()->estimate.reasons, ElementsAre("NO_STOCKPILE"));
}

TEST_F(StockCoverModelTest, ComparesDaysWithTheClassesAndNamesWhoseUse) {
  changes_.stockpiles["stockpiles/a"] = Stock(90);
  changes_.stockpiles["stockpiles/a"]->target_days = 100;
  const auto score = Compute();
  EXPECT_EQ(score->estimate.value, 90);
  EXPECT_THAT(score->estimate.reasons, IsEmpty());
  EXPECT_EQ(score->components.front().unit, "days of domestic use");
  EXPECT_DOUBLE_EQ(*Part(*score, "of_60_days").value, 1.5);
  EXPECT_DOUBLE_EQ(*Part(*score, "of_180_days").value, .5);
  EXPECT_EQ(Part(*score, "class").value, 60);
  EXPECT_EQ(Part(*score, "target").value, 100);
  EXPECT_EQ(score->reference_year, 2024);
}

TEST_F(StockCoverModelTest, SeveralStocksAreNotAddedUp) {
  changes_.stockpiles["stockpiles/a"] = Stock(12, "2022-09");
  changes_.stockpiles["stockpiles/b"] = Stock(58, "2023");
  const auto score = Compute();
  EXPECT_EQ(score->estimate.value, 58);
  EXPECT_EQ(score->estimate.lower, 12);
  EXPECT_EQ(score->estimate.upper, 70);
  EXPECT_THAT(score->estimate.reasons, ElementsAre("SEVERAL_STOCKPILES"));
  EXPECT_FALSE(Part(*score, "class").value.has_value());
}

TEST_F(StockCoverModelTest, IsKeptCurrentAndTheSameHoweverItCame) {
  Figure figure;
  figure.amount = 1;
  changes_.stockpiles["stockpiles/a"] = Stock(90);
  Changes later;
  later.production[{{kMineral, 1}, {"usgs", "ore", 2, "", 2024, "CN"}}] = figure;
  const auto stock_first = Model(Parameters()).Apply(changes_, 1)->Apply(later, 2);
  const auto stock_last = Model(Parameters()).Apply(later, 1)->Apply(changes_, 2);
  ASSERT_EQ(stock_first->scores().count(kKey), 1U);
  EXPECT_TRUE(SameContent(*stock_first->scores().at(kKey), *stock_last->scores().at(kKey)));
  Changes gone;
  gone.stockpiles["stockpiles/a"] = std::nullopt;
  const auto without = stock_first->Apply(gone, 3);
  EXPECT_EQ(without->scores().count(kKey), 0U);
  EXPECT_EQ(without->removed().at(kKey), 3);
}

}  // namespace
}  // namespace orewatch::risk
