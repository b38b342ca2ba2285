#include "services/risk/domain/series.h"

#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr BasisNumber kGross = 1;
constexpr BasisNumber kContained = 2;

Figure Of(std::optional<double> amount, Measure measure = Measure::kTonnes) {
  Figure figure;
  figure.amount = amount;
  figure.measure = measure;
  return figure;
}

TEST(ChooseProductionTest, PrefersTheTrustedDatasetThenTheLatestYear) {
  std::map<ProductionKey, Figure> production;
  production[{"new", "ore", kContained, "", 2025, "CN"}] = Of(9);
  production[{"old", "ore", kContained, "", 2023, "CN"}] = Of(1);
  production[{"old", "metal", kContained, "", 2024, "CN"}] = Of(1);
  const ProductionSeries series = ChooseProduction(production, {"old", "new"});
  EXPECT_EQ(series.key.dataset, "old");
  EXPECT_EQ(series.key.product, "metal");
  EXPECT_EQ(series.latest_year(), 2024);
  EXPECT_EQ(ChooseProduction(production, {}).key.dataset, "new");
}

TEST(ChooseProductionTest, NeverMixesBasesScopesOrTonnesAndShares) {
  std::map<ProductionKey, Figure> production;
  production[{"d", "ore", kGross, "", 2024, "CN"}] = Of(1000);
  production[{"d", "ore", kContained, "", 2024, "AU"}] = Of(1);
  production[{"d", "ore", kContained, "", 2024, "CN"}] = Of(0.5, Measure::kShares);
  production[{"d", "ore", kContained, "magnet", 2024, "US"}] = Of(3);
  production[{"d", "ore", kContained, "magnet", 2024, "JP"}] = Of(std::nullopt);
  const ProductionSeries series = ChooseProduction(production, {});
  EXPECT_EQ(series.key.scope, "magnet");
  EXPECT_EQ(series.measure, Measure::kTonnes);
  ASSERT_EQ(series.PartsIn(2024).size(), 2U);
  EXPECT_FALSE(series.PartsIn(2024).back().amount.has_value());
  EXPECT_THAT(series.PartsIn(2023), IsEmpty());
}

// The figures of a year, one country after the other.
std::map<ProductionKey, Figure> Rows(const std::map<std::string, double>& before,
                                     const std::map<std::string, double>& newest) {
  std::map<ProductionKey, Figure> production;
  for (const auto& [country, tonnes] : before) {
    production[{"d", "ore", kContained, "", 2024, country}] = Of(tonnes);
  }
  for (const auto& [country, tonnes] : newest) {
    production[{"d", "ore", kContained, "", 2025, country}] = Of(tonnes);
  }
  return production;
}

std::vector<std::string> Unknown(const std::map<ProductionKey, Figure>& production) {
  std::vector<std::string> unknown;
  for (const Part& part : ChooseProduction(production, {}).PartsIn(2025)) {
    if (!part.amount.has_value()) {
      unknown.push_back(part.country);
    }
  }
  return unknown;
}

TEST(ProductionSeriesTest, TheFirstRowsOfANewYearAreNotAll) {
  const std::map<std::string, double> before = {{"AU", 10}, {"CN", 80}, {"JP", 0}, {"US", 10}};
  EXPECT_THAT(Unknown(Rows(before, {{"US", 11}})), ElementsAre("AU", "CN"));
  EXPECT_THAT(Unknown(Rows(before, {{"CN", 85}, {"US", 11}})), ElementsAre("AU"));
  EXPECT_THAT(Unknown(Rows(before, {{"AU", 0}, {"CN", 85}, {"US", 11}})), IsEmpty());
  const Shares shares = SharesOf(Measure::kTonnes, ChooseProduction(Rows(before, {{"US", 11}}), {}).PartsIn(2025));
  EXPECT_THAT(shares.reasons, ElementsAre("OUTPUT_UNKNOWN:AU", "OUTPUT_UNKNOWN:CN"));
}

TEST(ProductionSeriesTest, WhoWasNotToldOfTheYearBeforeIsForgotten) {
  auto production = Rows({{"CN", 80}}, {{"CN", 85}});
  production[{"d", "ore", kContained, "", 2015, "DE"}] = Of(10);
  EXPECT_THAT(Unknown(production), IsEmpty());
  EXPECT_EQ(ChooseProduction(production, {}).In(2024).back().first, "DE");
}

TEST(ProductionSeriesTest, WhoFitsAmongTheOthersMayBeAmongThem) {
  const std::map<std::string, double> before = {{"AU", 10}, {"CN", 80}};
  EXPECT_THAT(Unknown(Rows(before, {{"US", 11}, {"ZZ", 12}})), ElementsAre("CN"));
}

TEST(ChooseProductionTest, KeepsASeriesOfWithheldFiguresAlone) {
  std::map<ProductionKey, Figure> production;
  production[{"d", "ore", kContained, "", 2024, "US"}] = Of(std::nullopt);
  EXPECT_FALSE(ChooseProduction(production, {}).empty());
}

TEST(ChooseTradeTest, ReadsOneDatasetOnTheBasisOfProduction) {
  std::map<TradeKey, Figure> trade;
  trade[{"baci", "a", "260500", kGross, "", 2024, "JP", "CD"}] = Of(1);
  trade[{"baci", "a", "260500", kGross, "", 2024, "JP", "CN"}] = Of(1);
  trade[{"baci", "b", "810520", kContained, "", 2024, "JP", "CN"}] = Of(1);
  trade[{"other", "a", "260500", kContained, "", 2025, "JP", "CN"}] = Of(1);
  const TradeSeries series = ChooseTrade(trade, {"baci"}, kContained);
  EXPECT_EQ(series.dataset, "baci");
  EXPECT_EQ(series.basis, kContained);
  EXPECT_EQ(series.In(2024).size(), 1U);
  EXPECT_EQ(ChooseTrade(trade, {"baci"}, 0).basis, kGross);
}

TEST(LatestCommonYearTest, IsTheLatestOfBothOrNone) {
  std::map<ProductionKey, Figure> production;
  std::map<TradeKey, Figure> trade;
  for (const int year : {2021, 2022, 2024}) {
    production[{"d", "", kContained, "", year, "CN"}] = Of(1);
  }
  trade[{"t", "", "260500", kContained, "", 2023, "JP", "CN"}] = Of(1);
  const ProductionSeries series = ChooseProduction(production, {});
  EXPECT_EQ(LatestCommonYear(series, ChooseTrade(trade, {}, 0)), 0);
  trade[{"t", "", "260500", kContained, "", 2022, "JP", "CN"}] = Of(1);
  EXPECT_EQ(LatestCommonYear(series, ChooseTrade(trade, {}, 0)), 2022);
}

}  // namespace
}  // namespace orewatch::risk
