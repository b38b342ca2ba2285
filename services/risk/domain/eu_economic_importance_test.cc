#include "services/risk/domain/eu_economic_importance.h"

#include <cmath>

#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kRounding = 1e-12;

TEST(EuEconomicImportanceTest, WeighsSectorsByTheUseThatTheyMakeOfTheMaterial) {
  const Estimate importance = EconomicImportance({{.6, 150}, {.4, 50}}, 200, .9);
  EXPECT_NEAR(*importance.value, 10 * 110 / 200.0 * .9, kRounding);
  EXPECT_NEAR(*importance.upper, *importance.value, kRounding);
  EXPECT_THAT(importance.reasons, IsEmpty());
}

TEST(EuEconomicImportanceTest, UseOfUnknownPurposeMayBeInTheLargestSector) {
  const Estimate importance = EconomicImportance({{.6, 150}}, 200, 1);
  EXPECT_NEAR(*importance.value, 4.5, kRounding);
  EXPECT_NEAR(*importance.upper, 4.5 + 4, kRounding);
  EXPECT_THAT(importance.reasons, ElementsAre("END_USE_UNKNOWN"));
  EXPECT_THAT(EconomicImportance({}, 200, 1).reasons, ElementsAre("NO_END_USES"));
  EXPECT_FALSE(EconomicImportance({{1, 100}}, 0, 1).value.has_value());
}

TEST(EuSubstitutionTest, CostAndPerformanceAreTheGridOfTheGuidelines) {
  EXPECT_DOUBLE_EQ(CostPerformance(SubstituteCost::kSimilarOrLower, SubstitutePerformance::kSimilar), .7);
  EXPECT_DOUBLE_EQ(CostPerformance(SubstituteCost::kUpToTwice, SubstitutePerformance::kReduced), .9);
  EXPECT_DOUBLE_EQ(CostPerformance(SubstituteCost::kMoreThanTwice, SubstitutePerformance::kReduced), 1);
}

TEST(EuSubstitutionTest, WithoutASubstituteThereIsNoRelief) {
  EXPECT_EQ(SubstitutionIndexOfImportance({}), 1);
  EXPECT_EQ(SubstitutionIndexOfImportance({{1, {}}}), 1);
  EXPECT_EQ(SubstitutionIndexOfSupplyRisk({}), 1);
  EXPECT_EQ(SubstitutionIndexOfSupplyRisk({{.5, false, false, SubstituteSupply::Origin::kByProduct}}), 1);
}

TEST(EuSubstitutionTest, RelievesByThePartThatCanBeSubstituted) {
  // Half of use: 40 % of it at 0.7, the rest by the material itself; the other half by nothing.
  EXPECT_NEAR(SubstitutionIndexOfImportance({{.5, {{.4, .7}}}, {.5, {}}}), .5 * (.4 * .7 + .6) + .5, kRounding);
  EXPECT_NEAR(SubstitutionIndexOfSupplyRisk({{.2, true, true, SubstituteSupply::Origin::kMainProduct}}), .2 * .8 + .8,
              kRounding);
  EXPECT_NEAR(SubstitutionIndexOfSupplyRisk({{.2, true, false, SubstituteSupply::Origin::kBoth}}),
              .2 * std::cbrt(.8 * .9) + .8, kRounding);
}

TEST(EuEconomicImportanceTest, ASectorOfUnknownValueAddedMayBeTheLargest) {
  const Estimate importance = EconomicImportance({{.6, 150}, {.4, std::nullopt}}, 200, 1);
  EXPECT_NEAR(*importance.value, 4.5, kRounding);
  EXPECT_EQ(importance.lower, 0);
  EXPECT_NEAR(*importance.upper, 4.5 + 4, kRounding);
  EXPECT_THAT(importance.reasons, IsEmpty());
}

TEST(EuCriticalityTest, IsDecidedOnRoundedValues) {
  const EconomicImportanceParameters parameters;
  EXPECT_TRUE(IsCritical(.95, 2.75, parameters));
  EXPECT_FALSE(IsCritical(.94, 5, parameters));
  EXPECT_FALSE(IsCritical(3, 2.74, parameters));
}

TEST(EuCriticalityTest, IsKnownOnlyIfBothAre) {
  const EconomicImportanceParameters parameters;
  const Estimate risk{1.5, .5, std::nullopt, {}};
  const Estimate importance{4, 4, 4, {}};
  EXPECT_EQ(Criticality(risk, importance, parameters).value, 1);
  EXPECT_EQ(Criticality(risk, importance, parameters).lower, 0);
  EXPECT_EQ(Criticality({.5, .5, std::nullopt, {}}, importance, parameters).value, 0);
  EXPECT_EQ(Criticality({.5, .5, std::nullopt, {}}, importance, parameters).upper, 1);
  EXPECT_FALSE(Criticality({}, importance, parameters).value.has_value());
  EXPECT_FALSE(Criticality(risk, {}, parameters).value.has_value());
}

}  // namespace
}  // namespace orewatch::risk
