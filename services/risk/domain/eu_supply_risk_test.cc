#include "services/risk/domain/eu_supply_risk.h"

#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

// Governance 6 and 2 of 10, as in the worked example.
class EuSupplyRiskTest : public ::testing::Test {
 protected:
  EuSupplyRiskTest() {
    scale_.Set("AA", 0.6);
    scale_.Set("BB", 0.2);
    inputs_.global_supply = SharesOf(Measure::kTonnes, {{"AA", 80}, {"BB", 20}});
    inputs_.sourcing = SharesOf(Measure::kTonnes, {{"AA", 50}, {"BB", 50}});
    inputs_.import_reliance = 1;
    inputs_.recycling_rate = 0.1;
    inputs_.substitution_index = 0.9;
  }
  Estimate Compute(TradeRelation with_a = TradeRelation::kNone) const {
    return EuSupplyRisk(inputs_, scale_, {}, [with_a](const std::string& country) {
      return country == "AA" ? with_a : TradeRelation::kNone;
    });
  }
  GovernanceScale scale_{10, 0.5};
  SupplyRiskInputs inputs_;
};

TEST_F(EuSupplyRiskTest, ReproducesTheWorkedExample) {
  // GS = .64*6 + .04*2 = 3.92, sourcing = .25*6 + .25*2 = 2; (1.96 + 1.0) * .9 * .9.
  const Estimate risk = Compute();
  EXPECT_NEAR(*risk.value, 2.3976, 1e-12);
  EXPECT_NEAR(risk.lower, 2.3976, 1e-12);
  EXPECT_NEAR(*risk.upper, 2.3976, 1e-12);
  EXPECT_THAT(risk.reasons, IsEmpty());
}

TEST_F(EuSupplyRiskTest, TradeRestrictionsRaiseAndAgreementsLower) {
  EXPECT_GT(*Compute(TradeRelation::kBan).value, *Compute().value);
  EXPECT_LT(*Compute(TradeRelation::kAgreement).value, *Compute().value);
}

TEST_F(EuSupplyRiskTest, FallsBackOnTheHalfThatIsThere) {
  inputs_.sourcing.reset();
  EXPECT_NEAR(*Compute().value, 3.92 * .81, 1e-12);
  EXPECT_THAT(Compute().reasons, Contains("NO_SOURCING"));
  inputs_.global_supply.reset();
  EXPECT_FALSE(Compute().value.has_value());
  inputs_.sourcing = SharesOf(Measure::kTonnes, {{"AA", 50}, {"BB", 50}});
  EXPECT_NEAR(*Compute().value, 2.0 * .81, 1e-12);
}

TEST_F(EuSupplyRiskTest, SpansEveryRelianceWhereItIsUnknown) {
  inputs_.import_reliance.reset();
  const Estimate risk = Compute();
  EXPECT_NEAR(*risk.value, 2.3976, 1e-12);
  EXPECT_NEAR(risk.lower, 2.0 * .81, 1e-12);
  EXPECT_THAT(risk.reasons, Contains("IMPORT_RELIANCE_UNKNOWN"));
}

TEST_F(EuSupplyRiskTest, UnknownReliefGivesNone) {
  inputs_.recycling_rate.reset();
  inputs_.substitution_index.reset();
  EXPECT_NEAR(*Compute().value, 2.96, 1e-12);
  EXPECT_EQ(Compute().lower, 0);
}

TEST(ImportRelianceTest, ClipsAndSurvivesNoUse) {
  EXPECT_DOUBLE_EQ(ImportReliance(50, 60, 10), 0.5);
  EXPECT_DOUBLE_EQ(ImportReliance(50, 10, 60), 1);
  EXPECT_DOUBLE_EQ(ImportReliance(100, 10, 20), 0);
  EXPECT_DOUBLE_EQ(ImportReliance(0, 0, 0), 1);
}

}  // namespace
}  // namespace orewatch::risk
