#include "services/risk/domain/yale.h"

#include <map>

#include "gmock/gmock.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr double kRounding = 1e-9;

Estimate Exactly(double value) { return {value, value, value, {}}; }

// The constants check themselves: one supplier is the worst, and about 90 years of reserves the best there can be.
TEST(YaleTest, TheScalesEndWhereThePaperSays) {
  EXPECT_NEAR(ConcentrationScore(10'000, {}), 100, 0.01);
  EXPECT_NEAR(ConcentrationScore(33, {}), 0, 0.02);
  EXPECT_EQ(ConcentrationScore(0, {}), 0);
  EXPECT_EQ(DepletionScore(0, {}), 100);
  EXPECT_NEAR(DepletionScore(90.7, {}), 0, 0.1);
  EXPECT_EQ(DepletionScore(1000, {}), 0);
}

TEST(YaleTest, AllSixIndicatorsWeighTheSame) {
  const YaleIndicators indicators{Exactly(10), Exactly(20), Exactly(30), Exactly(40), Exactly(50), Exactly(60)};
  const Estimate risk = YaleSupplyRisk(indicators);
  EXPECT_NEAR(*risk.value, 35, kRounding);
  EXPECT_NEAR(risk.lower, 35, kRounding);
  EXPECT_NEAR(*risk.upper, 35, kRounding);
}

TEST(YaleTest, WhatIsMissingIsLeftOutOfTheValueAndMayBeAnything) {
  const Estimate missing = MissingIndicator("INDICATOR_MISSING:X");
  const Estimate risk = YaleSupplyRisk({missing, missing, missing, Exactly(40), Exactly(50), Exactly(60)});
  EXPECT_NEAR(*risk.value, (40 + 55) / 2.0, kRounding);
  EXPECT_NEAR(risk.lower, (0 + 20 + 55) / 3.0, kRounding);
  EXPECT_NEAR(*risk.upper, (100 + 70 + 55) / 3.0, kRounding);
  EXPECT_THAT(risk.reasons, ElementsAre("INDICATOR_MISSING:X"));
  EXPECT_FALSE(YaleSupplyRisk({missing, missing, missing, missing, missing, missing}).value.has_value());
}

TEST(YaleTest, MoreYearsAreLessRisk) {
  const Estimate depletion = DepletionIndicator({10, 10, std::nullopt, {}}, {});
  EXPECT_NEAR(*depletion.value, 100 - 2 - .996, kRounding);
  EXPECT_EQ(depletion.lower, 0);
  EXPECT_EQ(depletion.upper, depletion.value);
}

class YaleScorerTest : public ::testing::Test {
 protected:
  YaleScorerTest() {
    Produce("CN", 60);
    Produce("AU", 40);
    for (const auto& [country, stability] : std::map<std::string, double>{{"CN", -.5}, {"AU", 1.5}}) {
      changes_.governance[{country, 2024, "wgi"}] = GovernanceFact{{0, stability, 0, 0, 0, 0}, {}};
    }
  }
  static Figure Of(std::optional<double> tonnes) {
    Figure figure;
    figure.amount = tonnes;
    return figure;
  }
  void Produce(const std::string& country, std::optional<double> tonnes) {
    changes_.production[{{kMineral, 1}, {"usgs", "ore", 2, "", 2024, country}}] = Of(tonnes);
    changes_.production[{{kMineral, 3}, {"usgs", "ore", 2, "", 2024, country}}] = Of(tonnes);
  }
  void Reserve(const std::string& country, std::optional<double> tonnes, BasisNumber basis = 2, int year = 2024) {
    changes_.reserves[{kMineral, "usgs", "", basis, "", year, country}] = Of(tonnes);
  }
  void Indicate(const std::string& subject, Indicator indicator, double value) {
    changes_.indicators[{subject, indicator, 2023, "", "d"}] = IndicatorFact{value, {}};
  }
  std::shared_ptr<const Score> Compute(StageNumber stage = 1) const {
    return Model(Parameters()).Apply(changes_, 1)->Find({kMineral, stage, "", Method::kYale2015});
  }
  static constexpr char kMineral[] = "minerals/x";
  Changes changes_;
};

TEST_F(YaleScorerTest, SaysWhichIndicatorsAreMissing) {
  const auto score = Compute();
  EXPECT_THAT(score->estimate.reasons, ElementsAre("INDICATOR_MISSING:CF", "INDICATOR_MISSING:DT",
                                                   "INDICATOR_MISSING:HDI", "INDICATOR_MISSING:PPI"));
  const double concentration = ConcentrationScore(5200, {});
  EXPECT_NEAR(*score->estimate.value, (44 + concentration) / 2, kRounding);
}

TEST_F(YaleScorerTest, IsCompleteWithAllSix) {
  Reserve("CN", 2000);
  Reserve("AU", 1000);
  Reserve("AU", 9000, /*basis=*/1);
  Reserve("CN", 50, 2, 2020);
  Indicate(kMineral, Indicator::kRecycling, .25);
  Indicate(kMineral, Indicator::kCompanionFraction, .3);
  for (const char* country : {"countries/AU", "countries/CN"}) {
    Indicate(country, Indicator::kPolicyPotential, 70);
    Indicate(country, Indicator::kHumanDevelopment, .8);
  }
  const auto score = Compute();
  EXPECT_THAT(score->estimate.reasons, IsEmpty());
  const double expected = (DepletionScore(40, {}) + 30 + 30 + 80 + 44 + ConcentrationScore(5200, {})) / 6;
  EXPECT_NEAR(*score->estimate.value, expected, kRounding);
  EXPECT_NEAR(*score->estimate.upper, expected, kRounding);
  EXPECT_THAT(Compute(3)->estimate.reasons, ElementsAre("INDICATOR_MISSING:DT")) << "reserves lie at the mine";
}

TEST_F(YaleScorerTest, ReservesThatNobodyCountsCanOnlyLengthenTheTime) {
  Reserve("CN", 2000);
  Reserve("AU", std::nullopt);
  const auto score = Compute();
  EXPECT_THAT(score->estimate.reasons, AllOf(Contains("RESERVES_UNKNOWN:AU"), Contains("RECYCLING_UNKNOWN"),
                                             Not(Contains("INDICATOR_MISSING:DT"))));
  EXPECT_EQ(score->components.front().estimate.lower, 0);
  EXPECT_NEAR(*score->components.front().estimate.upper, DepletionScore(20, {}), kRounding);
}

TEST_F(YaleScorerTest, AProducerWithoutAnIndicatorLeavesItMissing) {
  Indicate("countries/CN", Indicator::kHumanDevelopment, .8);
  EXPECT_THAT(Compute()->estimate.reasons, Contains("INDICATOR_MISSING:HDI"));
}

TEST_F(YaleScorerTest, FollowsReservesAndIndicatorsOfCountries) {
  const auto model = Model(Parameters()).Apply(changes_, 1);
  Changes more;
  more.reserves[{kMineral, "usgs", "", 2, "", 2024, "CN"}] = Of(100);
  more.indicators[{"countries/CN", Indicator::kHumanDevelopment, 2023, "", "d"}] = IndicatorFact{.8, {}};
  more.indicators[{"countries/AU", Indicator::kHumanDevelopment, 2023, "", "d"}] = IndicatorFact{.9, {}};
  const auto next = model->Apply(more, 2);
  const Score& score = *next->scores().at({kMineral, 1, "", Method::kYale2015});
  EXPECT_EQ(score.changed_revision, 2);
  EXPECT_NEAR(*score.components[3].estimate.value, 84, kRounding);
  EXPECT_TRUE(score.components[0].estimate.value.has_value());
}

}  // namespace
}  // namespace orewatch::risk
