#include "services/risk/domain/usgs.h"

#include <cmath>
#include <map>

#include "gmock/gmock.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kRounding = 1e-12;

Estimate Exactly(double value) { return {value, value, value, {}}; }

SupplierOutlook Outlook(const std::string& country) {
  return country == "CN" ? SupplierOutlook{.5, .8} : SupplierOutlook{.2, .1};
}

TEST(UsgsTest, DisruptionWeighsForeignSharesByTheirLikelihood) {
  const Shares world = SharesOf(Measure::kTonnes, {{"CN", 60}, {"AU", 20}, {"US", 20}});
  const Estimate product = DisruptionPotential(world, {"US"}, Outlook, Likelihood::kProduct);
  EXPECT_NEAR(*product.value, .36 * .4 + .04 * .02, kRounding);
  EXPECT_THAT(product.reasons, IsEmpty());
  EXPECT_NEAR(*DisruptionPotential(world, {"US"}, Outlook, Likelihood::kLarger).value, .36 * .8 + .04 * .2, kRounding);
}

TEST(UsgsTest, AnUnknownOutlookLeavesBoundsAndNoValue) {
  const Shares world = SharesOf(Measure::kTonnes, {{"CN", 60}, {"AU", 40}});
  const auto outlook = [](const std::string& country) {
    return country == "CN" ? SupplierOutlook{.5, std::nullopt} : SupplierOutlook{.2, .1};
  };
  const Estimate potential = DisruptionPotential(world, {"US"}, outlook, Likelihood::kProduct);
  EXPECT_FALSE(potential.value.has_value());
  EXPECT_NEAR(potential.lower, .16 * .02, kRounding);
  EXPECT_NEAR(*potential.upper, .36 * .5 + .16 * .02, kRounding);
  EXPECT_THAT(potential.reasons, ElementsAre("WILLINGNESS_TO_SUPPLY_UNKNOWN"));
}

TEST(UsgsTest, ExposureIsClippedAndUnknownWithoutConsumption) {
  EXPECT_NEAR(*TradeExposure(80, 20, 10, 100), .5, kRounding);
  EXPECT_EQ(TradeExposure(10, 50, 0, 100), 0);
  EXPECT_EQ(TradeExposure(500, 0, 0, 100), 1);
  EXPECT_FALSE(TradeExposure(10, 0, 0, 0).has_value());
}

TEST(UsgsTest, VulnerabilityIsTheWeightOfIndustriesTimesTheBurdenOnThem) {
  EXPECT_NEAR(*RawEconomicVulnerability({{200, 5, 50}, {100, 1, 10}}, 1000), .2 * .1 + .1 * .1, kRounding);
  EXPECT_FALSE(RawEconomicVulnerability({{200, 5, 0}}, 1000).has_value());
  EXPECT_FALSE(RawEconomicVulnerability({}, 1000).has_value());
  EXPECT_NEAR(RescaleLogarithm(.01, .0001, 1), .5, kRounding);
  EXPECT_EQ(RescaleLogarithm(0, .0001, 1), 0);
  EXPECT_EQ(RescaleLogarithm(2, .0001, 1), 1);
  EXPECT_EQ(RescaleLogarithm(1, 1, 1), 1);
}

TEST(UsgsTest, TheMeanIsGeometricAndWithoutExposureThereIsNoRisk) {
  EXPECT_NEAR(*GeometricMean(Exactly(.1), Exactly(.8), Exactly(.1)).value, .2, kRounding);
  EXPECT_EQ(GeometricMean(Exactly(.1), Exactly(0), Exactly(.1)).value, 0);
  const Estimate unknown{std::nullopt, 0, 1, {"TRADE_EXPOSURE_UNKNOWN"}};
  const Estimate mean = GeometricMean(Exactly(.1), unknown, Exactly(.1));
  EXPECT_FALSE(mean.value.has_value());
  EXPECT_NEAR(*mean.upper, std::cbrt(.01), kRounding);
  EXPECT_THAT(mean.reasons, ElementsAre("TRADE_EXPOSURE_UNKNOWN"));
}

class UsgsScorerTest : public ::testing::Test {
 protected:
  UsgsScorerTest() {
    for (const auto& [country, tonnes] : std::map<std::string, double>{{"CN", 60}, {"AU", 20}, {"US", 20}}) {
      Figure figure;
      figure.amount = tonnes;
      changes_.production[{{"minerals/x", 1}, {"usgs", "ore", 2, "", 2024, country}}] = figure;
    }
    Indicate("minerals/x", Indicator::kNetImportReliance, "US", .5);
  }
  void Indicate(const std::string& subject, Indicator indicator, const std::string& region, double value) {
    changes_.indicators[{subject, indicator, 2023, region, "d"}] = IndicatorFact{value, {}};
  }
  std::shared_ptr<const Score> Compute(const std::string& importer = "countries/US") const {
    return Model(Parameters()).Apply(changes_, 1)->Find({"minerals/x", 1, importer, Method::kUsgs2020});
  }
  Changes changes_;
};

TEST_F(UsgsScorerTest, NamesWhatIsMissingAndGivesThePartsThatAreKnown) {
  const auto score = Compute();
  EXPECT_FALSE(score->estimate.value.has_value());
  EXPECT_THAT(score->estimate.reasons, ElementsAre("ABILITY_TO_SUPPLY_UNKNOWN", "ECONOMIC_VULNERABILITY_UNKNOWN",
                                                   "WILLINGNESS_TO_SUPPLY_UNKNOWN"));
  ASSERT_EQ(score->components.size(), 3U);
  EXPECT_NEAR(*score->components[0].estimate.upper, .4, kRounding);
  EXPECT_EQ(score->components[1].estimate.value, .5);
  EXPECT_THAT(Compute("countries/JP")->estimate.reasons, ::testing::Contains("TRADE_EXPOSURE_UNKNOWN"))
      << "nobody else's reliance is Japan's";
}

TEST_F(UsgsScorerTest, MultipliesThePartsWhenAllAreThere) {
  for (const char* country : {"countries/AU", "countries/CN"}) {
    Indicate(country, Indicator::kAbilityToSupply, "", .5);
    Indicate(country, Indicator::kWillingnessToSupply, "US", .4);
  }
  Indicate("minerals/x", Indicator::kEconomicVulnerability, "US", .25);
  const auto score = Compute();
  EXPECT_NEAR(*score->estimate.value, std::cbrt(.4 * .2 * .5 * .25), kRounding);
  EXPECT_THAT(score->estimate.reasons, IsEmpty());
}

}  // namespace
}  // namespace orewatch::risk
