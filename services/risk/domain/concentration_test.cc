#include "services/risk/domain/concentration.h"

#include <algorithm>
#include <random>

#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Shares Tonnes(const std::vector<Part>& parts) { return SharesOf(Measure::kTonnes, parts); }

TEST(HerfindahlTest, SquaresTheSharesOfTheNamedAndCountsOthersInTheWhole) {
  const Estimate estimate = Herfindahl(Tonnes({{"CN", 60}, {"AU", 20}, {"ZZ", 20}}));
  EXPECT_DOUBLE_EQ(*estimate.value, 4000);
  EXPECT_DOUBLE_EQ(estimate.lower, 4000);
  EXPECT_DOUBLE_EQ(*estimate.upper, 4400);
  EXPECT_THAT(estimate.reasons, IsEmpty());
}

TEST(EffectiveNumberTest, IsHowManyEqualSuppliersWouldBeAsConcentrated) {
  const Estimate number = EffectiveNumber({.25, .2, .5, {}});
  EXPECT_DOUBLE_EQ(*number.value, 4);
  EXPECT_DOUBLE_EQ(number.lower, 2);
  EXPECT_DOUBLE_EQ(*number.upper, 5);
  EXPECT_FALSE(EffectiveNumber({}).value.has_value());
  EXPECT_FALSE(EffectiveNumber({.25, 0, std::nullopt, {}}).upper.has_value());
}

TEST(LargestSharesTest, AddsTheLargestAndLetsOthersBeAmongThem) {
  const Estimate two = LargestShares(Tonnes({{"AU", 10}, {"CL", 20}, {"CN", 60}, {"ZZ", 10}}), 2);
  EXPECT_DOUBLE_EQ(*two.value, .8);
  EXPECT_DOUBLE_EQ(*two.upper, .9);
  EXPECT_DOUBLE_EQ(*LargestShares(Tonnes({{"AU", 10}}), 3).value, 1);
  EXPECT_FALSE(LargestShares(Tonnes({{"AU", 10}, {"US", std::nullopt}}), 3).upper.has_value());
  EXPECT_FALSE(LargestShares(Tonnes({}), 3).value.has_value());
}

TEST(HerfindahlTest, IsExactWhereEveryoneIsNamed) {
  const Estimate estimate = Herfindahl(Tonnes({{"CN", 1}, {"AU", 1}, {"CL", 0}}));
  EXPECT_DOUBLE_EQ(*estimate.value, 5000);
  EXPECT_DOUBLE_EQ(*estimate.upper, 5000);
}

TEST(HerfindahlTest, GivesNoUpperBoundForAWithheldAmountAndALowerOneThatHolds) {
  std::vector<Part> parts = {{"AU", 50}, {"CL", 30}, {"CN", 20}, {"US", std::nullopt, true}};
  const Estimate estimate = Herfindahl(Tonnes(parts));
  EXPECT_DOUBLE_EQ(*estimate.value, 3800);
  EXPECT_FALSE(estimate.upper.has_value());
  EXPECT_THAT(estimate.reasons, ElementsAre("WITHHELD:US"));
  double least = kFullConcentration;
  for (double us = 0; us <= 1000; us += 0.5) {
    parts.back() = {"US", us};
    least = std::min(least, *Herfindahl(Tonnes(parts)).value);
  }
  EXPECT_NEAR(estimate.lower, least, 1e-9);
}

TEST(HerfindahlTest, TakesWhatSharesLeaveAsOthers) {
  const Estimate estimate = Herfindahl(SharesOf(Measure::kShares, {{"CN", 0.8}, {"US", std::nullopt}}));
  EXPECT_DOUBLE_EQ(*estimate.value, 6400);
  EXPECT_NEAR(*estimate.upper, 6800, 1e-9);
  EXPECT_THAT(estimate.reasons, ElementsAre("OUTPUT_UNKNOWN:US"));
}

TEST(HerfindahlTest, FlagsSharesThatExceedTheWhole) {
  EXPECT_THAT(Herfindahl(SharesOf(Measure::kShares, {{"AU", 0.6}, {"CL", 0.42}})).reasons,
              ElementsAre("SHARES_EXCEED_ONE"));
}

TEST(HerfindahlTest, IsUnsetAndNeverZeroWithoutData) {
  for (const auto& parts : {std::vector<Part>{}, {{"US", std::nullopt, true}}, {{"ZZ", 100}}, {{"CN", 0}}}) {
    const Estimate estimate = Herfindahl(Tonnes(parts));
    EXPECT_FALSE(estimate.value.has_value());
    EXPECT_THAT(estimate.reasons, ::testing::Contains("NO_SHARES"));
  }
}

TEST(HerfindahlTest, GivesTheSameBitsInEveryOrder) {
  std::mt19937 random(7);
  std::vector<Part> parts;
  for (char a = 'A'; a <= 'Y'; ++a) {
    parts.push_back({std::string(2, a), std::exponential_distribution<double>(0.001)(random)});
  }
  const double first = *Herfindahl(Tonnes(parts)).value;
  for (int i = 0; i < 100; ++i) {
    std::shuffle(parts.begin(), parts.end(), random);
    EXPECT_EQ(*Herfindahl(Tonnes(parts)).value, first);
  }
}

TEST(NormalizedHerfindahlTest, MapsEvenSplitToZeroAndMonopolyToOne) {
  EXPECT_DOUBLE_EQ(NormalizedHerfindahl(0.1, 10), 0);
  EXPECT_DOUBLE_EQ(NormalizedHerfindahl(1, 10), 1);
  EXPECT_DOUBLE_EQ(NormalizedHerfindahl(0.3, 1), 1);
}

TEST(WeightedHerfindahlTest, ImputesMissingGovernanceAloudAndWidensTheBounds) {
  GovernanceScale scale(1, 0.5);
  scale.Set("AU", 0.2);
  const Estimate estimate = WeightedHerfindahl(Tonnes({{"AU", 50}, {"XK", 50}}), GovernanceWeight(scale), 1);
  EXPECT_DOUBLE_EQ(*estimate.value, 0.25 * 0.2 + 0.25 * 0.5);
  EXPECT_DOUBLE_EQ(estimate.lower, 0.25 * 0.2);
  EXPECT_DOUBLE_EQ(*estimate.upper, 0.25 * 0.2 + 0.25);
  EXPECT_THAT(estimate.reasons, ElementsAre("GOVERNANCE_IMPUTED:XK"));
}

TEST(TopShareTest, NamesTheLargestButNeverOthers) {
  EXPECT_EQ(TopShare(Tonnes({{"ZZ", 90}, {"CN", 6}, {"AU", 4}}))->country, "CN");
  EXPECT_FALSE(TopShare(Tonnes({{"ZZ", 90}})).has_value());
}

}  // namespace
}  // namespace orewatch::risk
