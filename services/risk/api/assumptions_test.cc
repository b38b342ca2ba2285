#include "services/risk/api/assumptions.h"

#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Score With(const Reasons& reasons, Method method = Method::kHhi) {
  Score score;
  score.key.method = method;
  score.estimate.value = 1;
  score.estimate.reasons = reasons;
  return score;
}

TEST(AssumptionsTest, NamesOnceWhatSeveralReasonsMean) {
  EXPECT_THAT(
      AssumptionsOf(With({"OUTPUT_UNKNOWN:KR", "RECYCLING_UNKNOWN", "WITHHELD:US"})),
      ElementsAre(HasSubstr("infinitely split"), "Amounts that are withheld or unknown count as nothing: KR, US.",
                  "Recycling is unknown and gives no relief."));
}

TEST(AssumptionsTest, OwnershipTakesFacilitiesToRunAtCapacity) {
  EXPECT_THAT(AssumptionsOf(With({"BASIS_MISMATCH", "OWNERS_UNKNOWN", "PRODUCT_MISMATCH"}, Method::kHhiOwnership)),
              ElementsAre(HasSubstr("at capacity"), HasSubstr("unknown owners"), HasSubstr("Capacities of another")));
  EXPECT_THAT(AssumptionsOf(With({"BASIS_MISMATCH"})), ElementsAre(HasSubstr("split"), HasSubstr("with trade")));
}

TEST(AssumptionsTest, SaysWhenOtherCountriesAreLeftOut) {
  Score score = With({}, Method::kGeoPolRisk2024);
  score.notes = {"OTHERS_LEFT_OUT", "PRICE_UNKNOWN"};
  EXPECT_THAT(AssumptionsOf(score), ElementsAre(HasSubstr("left out")));
}

TEST(AssumptionsTest, AScoreWithoutAValueTakesNothingForGranted) {
  Score unset = With({"NO_TRADE"});
  unset.estimate.value.reset();
  EXPECT_THAT(AssumptionsOf(unset), IsEmpty());
  EXPECT_THAT(AssumptionsOf(With({}, Method::kCountryGovernance)), IsEmpty());
}

}  // namespace
}  // namespace orewatch::risk
