#include "services/risk/domain/governance.h"

#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

TEST(GovernanceRiskTest, ScalesTheMeanOfSixFromBestToWorst) {
  EXPECT_DOUBLE_EQ(*GovernanceRisk({2.5, 2.5, 2.5, 2.5, 2.5, 2.5}), 0);
  EXPECT_DOUBLE_EQ(*GovernanceRisk({-2.5, -2.5, -2.5, -2.5, -2.5, -2.5}), 1);
  EXPECT_DOUBLE_EQ(*GovernanceRisk({1, -1, 0, 0, 2, -2}), 0.5);
  EXPECT_DOUBLE_EQ(*GovernanceRisk({-3, -3, -3, -3, -3, -3}), 1);
}

TEST(GovernanceRiskTest, IsMissingIfOneEstimateIs) {
  EXPECT_FALSE(GovernanceRisk({1, 1, 1, std::nullopt, 1, 1}).has_value());
}

}  // namespace
}  // namespace orewatch::risk
