#include "services/risk/domain/geopolrisk.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kRounding = 1e-12;

Estimate Exactly(double value) { return {value, value, value, {}}; }
Weight Certain(double risk) { return {risk, risk, risk, false}; }
Shares World(const std::vector<Part>& parts) { return SharesOf(Measure::kTonnes, parts); }

// Manganese into the United States in 2022, as the authors' own test workbook has it.
TEST(GeoPolRiskTest, ReproducesTheAuthorsWorkedCase) {
  const GeoPolRiskResult result =
      Combine(Exactly(.2035183), Exactly(.5451887), .4007349, GeoPolRiskParameters().copper_midpoint);
  EXPECT_NEAR(*result.score.value, .1109559, 5e-8);
  EXPECT_NEAR(*result.factor.value, .1086040, 5e-8);
}

TEST(GeoPolRiskTest, WeighsImportsByTheStabilityOfTheirOrigin) {
  GeoPolRiskInputs inputs;
  inputs.world_production = World({{"CN", 80}, {"AU", 20}});
  inputs.imports = {{"CN", 60, 120'000, Certain(.6)}, {"AU", 20, 40'000, Certain(.2)}};
  inputs.own_output = {20, 20};
  const GeoPolRiskResult result = GeoPolRiskOf(inputs, {});
  EXPECT_NEAR(*result.hhi.value, .68, kRounding);
  EXPECT_NEAR(*result.import_risk.value, .4, kRounding);
  EXPECT_NEAR(*result.score.value, .68 * .4, kRounding);
  EXPECT_NEAR(*result.price, 2, kRounding);
  EXPECT_NEAR(*result.midpoint.value, .68 * .4 * 2, kRounding);
  EXPECT_NEAR(*result.factor.value, .68 * .4 * 2 / .409412948, kRounding);
  EXPECT_EQ(result.score.lower, *result.score.value);
  EXPECT_EQ(*result.score.upper, *result.score.value);
  EXPECT_THAT(result.score.reasons, IsEmpty());
}

TEST(GeoPolRiskTest, NobodyIsSafeForWantOfTrade) {
  GeoPolRiskInputs inputs;
  inputs.world_production = World({{"CN", 80}, {"BO", 20}});
  EXPECT_THAT(ImportRisk(inputs).reasons, ElementsAre("NO_TRADE"));
  inputs.own_output = {20, 20};
  inputs.imports = {{"CN", 0, 1000, Certain(.6)}};
  const GeoPolRiskResult result = GeoPolRiskOf(inputs, {});
  EXPECT_FALSE(result.score.value.has_value());
  EXPECT_FALSE(result.factor.value.has_value());
  EXPECT_THAT(result.score.reasons, ElementsAre("NO_TRADE"));
}

TEST(GeoPolRiskTest, WithoutWorldProductionThereIsNoScore) {
  GeoPolRiskInputs inputs;
  inputs.imports = {{"CN", 1, {}, Certain(.6)}};
  const GeoPolRiskResult result = GeoPolRiskOf(inputs, {});
  EXPECT_FALSE(result.score.value.has_value());
  EXPECT_THAT(result.score.reasons, ElementsAre("NO_SHARES"));
  EXPECT_EQ(result.import_risk.value, .6);
}

TEST(GeoPolRiskTest, AnImputedRiskMayBeAny) {
  GeoPolRiskInputs inputs;
  inputs.imports = {{"TW", 50, {}, {.5, 0, 1, true}}, {"CN", 50, {}, Certain(.6)}};
  const Estimate risk = ImportRisk(inputs);
  EXPECT_NEAR(*risk.value, .55, kRounding);
  EXPECT_NEAR(risk.lower, .3, kRounding);
  EXPECT_NEAR(*risk.upper, .8, kRounding);
  EXPECT_THAT(risk.reasons, ElementsAre("GOVERNANCE_IMPUTED:TW"));
}

TEST(GeoPolRiskTest, AFlowOfUnknownSizeReachesToItsOwnRisk) {
  GeoPolRiskInputs inputs;
  inputs.imports = {{"CN", 50, {}, Certain(.6)}, {"CD", std::nullopt, {}, Certain(.9)}};
  const Estimate risk = ImportRisk(inputs);
  EXPECT_NEAR(*risk.value, .6, kRounding);
  EXPECT_NEAR(risk.lower, .6, kRounding);
  EXPECT_NEAR(*risk.upper, .9, kRounding);
  EXPECT_THAT(risk.reasons, ElementsAre("IMPORTS_UNKNOWN:CD"));
}

TEST(GeoPolRiskTest, OwnOutputOfUnknownSizeCouldCarryEverything) {
  GeoPolRiskInputs inputs;
  inputs.imports = {{"CN", 50, {}, Certain(.6)}};
  inputs.own_output = {0, std::nullopt};
  EXPECT_EQ(ImportRisk(inputs).value, .6);
  EXPECT_EQ(ImportRisk(inputs).lower, 0);
  inputs.own_output = {0, 50};
  EXPECT_NEAR(ImportRisk(inputs).lower, .3, kRounding);
}

TEST(GeoPolRiskTest, FormsThatAreMissingMayComeFromAnywhere) {
  GeoPolRiskInputs inputs;
  inputs.imports = {{"CN", 50, {}, Certain(.6)}};
  inputs.imports_are_partial = true;
  EXPECT_EQ(ImportRisk(inputs).lower, 0);
  EXPECT_EQ(ImportRisk(inputs).upper, 1);
}

TEST(GeoPolRiskTest, WithheldOutputLeavesNoUpperBound) {
  GeoPolRiskInputs inputs;
  inputs.world_production = World({{"CN", 80}, {"US", std::nullopt, true}});
  inputs.imports = {{"CN", 50, {}, Certain(.6)}};
  const GeoPolRiskResult result = GeoPolRiskOf(inputs, {});
  EXPECT_EQ(result.score.value, .6);
  EXPECT_NEAR(result.score.lower, .3, kRounding);
  EXPECT_FALSE(result.score.upper.has_value());
  EXPECT_THAT(result.score.reasons, ElementsAre("WITHHELD:US"));
}

TEST(GeoPolRiskTest, LeavingOthersOutRenormalisesAndTheBoundsSaySo) {
  const Shares world = World({{"CN", 60}, {"AU", 20}, {kOtherCountries, 20}});
  const Estimate split = ConcentrationOf(world, OtherCountries::kInfinitelySplit);
  EXPECT_NEAR(*split.value, .4, kRounding);
  const Estimate named = ConcentrationOf(world, OtherCountries::kLeftOut);
  EXPECT_NEAR(*named.value, .625, kRounding);
  EXPECT_NEAR(named.lower, .4, kRounding);
  EXPECT_NEAR(*named.upper, .625, kRounding);
}

TEST(GeoPolRiskTest, ThePriceIsThatOfTradeWithBothQuantityAndValue) {
  GeoPolRiskInputs inputs;
  inputs.world_production = World({{"CN", 1}});
  inputs.imports = {{"CN", 50, 100'000, Certain(.6)},
                    {"AU", 50, std::nullopt, Certain(.2)},
                    {"CD", std::nullopt, 900'000, Certain(.2)}};
  EXPECT_NEAR(*GeoPolRiskOf(inputs, {}).price, 2, kRounding);
  inputs.imports.front().value_usd.reset();
  EXPECT_FALSE(GeoPolRiskOf(inputs, {}).price.has_value());
  EXPECT_FALSE(GeoPolRiskOf(inputs, {}).midpoint.value.has_value());
}

class RandomGeoPolRiskTest : public ::testing::TestWithParam<unsigned> {
 protected:
  double Amount() { return std::uniform_real_distribution<double>(0.01, 100)(random_); }
  double Fraction() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  std::vector<Part> Producers(double scale = 1) {
    std::vector<Part> parts;
    for (const char* country : {"AU", "CD", "CN", "JP", "US"}) {
      parts.push_back({country, scale * Amount()});
    }
    return parts;
  }
  std::vector<Supply> Imports() {
    std::vector<Supply> imports;
    for (const char* country : {"AU", "CD", "CN", "US"}) {
      imports.push_back({country, Amount(), Amount(), Certain(Fraction())});
    }
    return imports;
  }
  std::mt19937 random_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Seeds, RandomGeoPolRiskTest, ::testing::Range(1U, 200U));

TEST_P(RandomGeoPolRiskTest, OrderAndUnitOfTonnesDoNotMatter) {
  std::vector<Part> parts = Producers();
  GeoPolRiskInputs inputs{World(parts), Imports(), {7, 7}};
  const GeoPolRiskResult before = GeoPolRiskOf(inputs, {});
  std::shuffle(parts.begin(), parts.end(), random_);
  for (Part& part : parts) {
    *part.amount *= 1000;
  }
  std::shuffle(inputs.imports.begin(), inputs.imports.end(), random_);
  for (Supply& supply : inputs.imports) {
    *supply.tonnes *= 1000;
    *supply.value_usd *= 1000;
  }
  inputs.world_production = World(parts);
  inputs.own_output = {7000, 7000};
  const GeoPolRiskResult after = GeoPolRiskOf(inputs, {});
  EXPECT_NEAR(*after.score.value, *before.score.value, kRounding);
  EXPECT_NEAR(*after.factor.value, *before.factor.value, kRounding);
}

// Other countries are split at random over countries that are not named, the importer among them.
TEST_P(RandomGeoPolRiskTest, BoundsContainTheScoreForAnySplitOfOthers) {
  std::vector<Part> parts = Producers();
  const double other = Amount();
  GeoPolRiskInputs inputs{World({}), Imports(), {0, other}};
  std::vector<Part> with_other = parts;
  with_other.push_back({kOtherCountries, other});
  inputs.world_production = World(with_other);
  const GeoPolRiskResult whole = GeoPolRiskOf(inputs, {});
  double left = other;
  double own = 0;
  for (const char* country : {"BR", "KR", "ZA", "CL"}) {
    const double part = left * Fraction();
    parts.push_back({country, part});
    own = std::string(country) == "KR" ? part : own;
    left -= part;
  }
  parts.push_back({"VN", left});
  const GeoPolRiskResult split = GeoPolRiskOf({World(parts), inputs.imports, {own, own}}, {});
  EXPECT_GE(*split.score.value, whole.score.lower - kRounding);
  EXPECT_LE(*split.score.value, *whole.score.upper + kRounding);
  EXPECT_GE(*whole.score.value, whole.score.lower);
  EXPECT_LE(*whole.score.value, *whole.score.upper);
}

}  // namespace
}  // namespace orewatch::risk
