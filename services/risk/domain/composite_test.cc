// The suite's own method: that its parts add up and only ever raise it, and what the model reads for it.
#include "services/risk/domain/composite.h"

#include <algorithm>
#include <random>

#include "gmock/gmock.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr double kRounding = 1e-9;

Dimension Exactly(const std::string& name, double weight, double risk) {
  return {name, weight, {risk, risk, risk, {}}};
}

std::vector<Dimension> RandomDimensions(std::mt19937& random) {
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<Dimension> dimensions;
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    std::array<double, 3> ends = {100 * uniform(random), 100 * uniform(random), 100 * uniform(random)};
    std::sort(ends.begin(), ends.end());
    dimensions.push_back({name, uniform(random), {ends[1], ends[0], ends[2], {}}});
  }
  return dimensions;
}

TEST(CompositeTest, IsTheWeightedMeanWhoseContributionsAddUp) {
  const std::vector<Dimension> dimensions = {Exactly("a", 3, 80), Exactly("b", 1, 20)};
  EXPECT_NEAR(*CompositeRisk(dimensions).value, 65, kRounding);
  EXPECT_NEAR(ContributionOf(dimensions[0], dimensions), 60, kRounding);
  EXPECT_NEAR(ContributionOf(dimensions[1], dimensions), 5, kRounding);
}

TEST(CompositeTest, IsAdditiveMonotoneAndWithinItsBoundsForAnyDimensions) {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    std::vector<Dimension> dimensions = RandomDimensions(random);
    const Estimate before = CompositeRisk(dimensions);
    double sum = 0;
    for (const Dimension& dimension : dimensions) {
      sum += ContributionOf(dimension, dimensions);
    }
    EXPECT_NEAR(sum, *before.value, kRounding);
    EXPECT_LE(before.lower, *before.value + kRounding);
    EXPECT_GE(*before.upper + kRounding, *before.value);
    EXPECT_GE(before.lower, 0);
    EXPECT_LE(*before.upper, 100 + kRounding);
    Estimate& raised = dimensions[random() % dimensions.size()].risk;
    raised.value = (*raised.value + *raised.upper) / 2;
    EXPECT_GE(*CompositeRisk(dimensions).value, *before.value - kRounding);
    std::shuffle(dimensions.begin(), dimensions.end(), random);
    EXPECT_NEAR(*CompositeRisk(dimensions).upper, *before.upper, kRounding);
  }
}

TEST(CompositeTest, OnlyTheProportionsOfWeightsCount) {
  std::mt19937 random(8);
  std::vector<Dimension> dimensions = RandomDimensions(random);
  const double before = *CompositeRisk(dimensions).value;
  for (Dimension& dimension : dimensions) {
    dimension.weight *= 7;
  }
  EXPECT_NEAR(*CompositeRisk(dimensions).value, before, kRounding);
}

TEST(CompositeTest, WithoutOneDimensionThereIsNoScore) {
  const Estimate unset = CompositeRisk({Exactly("a", 1, 10), {"b", 1, {std::nullopt, 0, std::nullopt, {"NO_SHARES"}}}});
  EXPECT_FALSE(unset.value.has_value());
  EXPECT_FALSE(unset.upper.has_value());
  EXPECT_THAT(unset.reasons, ElementsAre("NO_SHARES"));
}

TEST(CompositeTest, WhatIsUnknownNeverRelieves) {
  const Estimate unknown = RiskWithoutRelief({}, "STOCK_UNKNOWN");
  EXPECT_EQ(unknown.value, 100);
  EXPECT_EQ(unknown.lower, 0);
  EXPECT_EQ(unknown.upper, 100);
  EXPECT_THAT(unknown.reasons, ElementsAre("STOCK_UNKNOWN"));
  const Estimate half = RiskWithoutRelief({.5, .4, 2.0, {}}, "STOCK_UNKNOWN");
  EXPECT_EQ(half.value, 50);
  EXPECT_EQ(half.lower, 0);
  EXPECT_EQ(half.upper, 60);
  EXPECT_EQ(RiskOfFraction({.3, .1, std::nullopt, {}}).upper, 100);
}

// Japan buys from China and Australia; both produce.
class CompositeScorerTest : public ::testing::Test {
 protected:
  CompositeScorerTest() {
    changes_.today = "2026-11-24";
    for (const auto& [country, estimate, tonnes] :
         {std::make_tuple("CN", -0.5, 80.0), std::make_tuple("AU", 1.5, 20.0)}) {
      changes_.governance[{country, 2024, "wgi"}] =
          GovernanceFact{{estimate, estimate, estimate, estimate, estimate, estimate}, {}};
      Figure figure;
      figure.amount = tonnes;
      changes_.production[{{kMineral, 1}, {"usgs", "ore", 1, "", 2024, country}}] = figure;
      figure.amount = 50;
      changes_.trade[{{kMineral, 1}, {"baci", "ore", "260500", 1, "", 2024, "JP", country}}] = figure;
    }
  }
  std::shared_ptr<const Score> Of(const std::string& importer) const {
    return Model(Parameters()).Apply(changes_, 1)->Find({kMineral, 1, importer, Method::kOrewatch2026});
  }
  void Stockpile(double days) {
    StockpileFact fact;
    fact.country = "JP";
    fact.minerals = {kMineral};
    fact.held_days = days;
    fact.denominator = "domestic consumption";
    changes_.stockpiles["stockpiles/jp"] = fact;
  }
  void Relieve(Indicator indicator, double value) {
    changes_.indicators[{kMineral, indicator, 2024, "", "eu"}] = IndicatorFact{value, {}};
  }

  static constexpr char kMineral[] = "minerals/x";
  Changes changes_;
};

TEST_F(CompositeScorerTest, FollowsFromItsDimensions) {
  Stockpile(90);
  Relieve(Indicator::kRecycling, .2);
  Relieve(Indicator::kSubstitution, .9);
  const auto score = Of("countries/JP");
  // Herfindahl .68; governance .6 and .2 on 0 to 1, weighted by output; imports half from each.
  const double expected = .25 * 68 + .20 * (.8 * 60 + .2 * 20) + .30 * 40 + .10 * 50 + .05 * 80 + .10 * 90;
  ASSERT_TRUE(score->estimate.value.has_value()) << ::testing::PrintToString(score->estimate.reasons);
  EXPECT_NEAR(*score->estimate.value, expected, kRounding);
  EXPECT_NEAR(score->estimate.lower, expected, kRounding);
  EXPECT_THAT(score->estimate.reasons, IsEmpty());
  EXPECT_EQ(score->band, Band::kElevated);
  double sum = 0;
  for (const Input& input : score->inputs) {
    sum += input.contribution.value_or(0);
  }
  EXPECT_NEAR(sum, expected, kRounding);
  EXPECT_EQ(score->parameters.name, "orewatch-2026");
}

TEST_F(CompositeScorerTest, UnknownReliefsWidenTheBoundsAndRelieveNothing) {
  const auto score = Of("countries/JP");
  EXPECT_NEAR(*score->estimate.value, *score->estimate.upper, kRounding);
  EXPECT_NEAR(score->estimate.lower, *score->estimate.value - 25, kRounding);
  for (const char* reason : {"STOCK_UNKNOWN", "RECYCLING_UNKNOWN", "SUBSTITUTION_UNKNOWN"}) {
    EXPECT_THAT(score->estimate.reasons, Contains(reason));
  }
  EXPECT_EQ(score->band, Band::kUnspecified);
}

TEST_F(CompositeScorerTest, WhoDoesNotTradeIsNotSafe) {
  const auto score = Of("countries/KR");
  EXPECT_FALSE(score->estimate.value.has_value());
  EXPECT_THAT(score->estimate.reasons, Contains("NO_TRADE"));
}

TEST_F(CompositeScorerTest, IsKeptCurrentForConfiguredImportersAlsoWhereOnlyAStockChanges) {
  const auto before = Model(Parameters()).Apply(changes_, 1);
  const ScoreKey key{kMineral, 1, "countries/JP", Method::kOrewatch2026};
  ASSERT_EQ(before->scores().count(key), 1U);
  changes_ = {};
  Stockpile(180);
  const auto after = before->Apply(changes_, 2);
  EXPECT_NEAR(*after->Find(key)->estimate.value, *before->Find(key)->estimate.value - 10, kRounding);
  EXPECT_THAT(after->touched(), Contains(key));
  EXPECT_THAT(after->Find(key)->estimate.reasons, Not(Contains("STOCK_UNKNOWN")));
}

}  // namespace
}  // namespace orewatch::risk
