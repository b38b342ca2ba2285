#include "services/risk/domain/lapse_cost.h"

#include "gmock/gmock.h"
#include "services/risk/domain/calendar.h"
#include "services/risk/domain/milestone_norms.h"

namespace orewatch::risk {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr BasisNumber kContained = 2;
constexpr char kToday[] = "2026-11-26";

ProjectRecord Mine() {
  ProjectRecord project;
  project.country = "AU";
  project.mineral = "minerals/cobalt";
  project.stage = 1;
  project.status = ProjectStatus::kConstruction;
  project.basis = kContained;
  return project;
}

CommitmentRecord Offtake(double tonnes) { return {"JP", "2027", "2028-03", true, tonnes}; }

RequirementRecord Use(double tonnes, int year) {
  RequirementRecord requirement;
  requirement.holder = "JP";
  requirement.mineral = "minerals/cobalt";
  requirement.stage = 1;
  requirement.year = year;
  requirement.tonnes = tonnes;
  requirement.basis = kContained;
  return requirement;
}

TEST(CostOfLapseTest, CountsDaysOfTheUseOfTheCommitmentsCountry) {
  const LapseCost cost = CostOfLapse(Mine(), Offtake(100), {{"requirements/a", Use(3650, 2026)}}, "jogmec", kToday);
  EXPECT_EQ(cost.tonnes_per_year, 100);
  EXPECT_DOUBLE_EQ(*cost.days_of_cover, 10);
  EXPECT_EQ(cost.requirement, "requirements/a");
  EXPECT_THAT(cost.reasons, IsEmpty());
}

TEST(CostOfLapseTest, KnowsNoDaysWithoutARequirement) {
  RequirementRecord korean = Use(3650, 2026);
  korean.holder = "KR";
  const LapseCost cost = CostOfLapse(Mine(), Offtake(100), {{"requirements/a", korean}}, "jogmec", kToday);
  EXPECT_EQ(cost.tonnes_per_year, 100);
  EXPECT_FALSE(cost.days_of_cover.has_value());
  EXPECT_THAT(cost.reasons, ElementsAre("NO_REQUIREMENT"));
}

TEST(CostOfLapseTest, DoesNotSeeARequirementOfSomebodyElse) {
  RequirementRecord hidden = Use(365, 2026);
  hidden.readers = Readers{false, {"meti"}};
  const RequirementRecords requirements = {{"requirements/a", hidden}, {"requirements/b", Use(3650, 2020)}};
  EXPECT_EQ(CostOfLapse(Mine(), Offtake(100), requirements, "komir", kToday).requirement, "requirements/b");
  EXPECT_EQ(CostOfLapse(Mine(), Offtake(100), requirements, "meti", kToday).requirement, "requirements/a");
}

TEST(CostOfLapseTest, TakesTheLatestYearThatHasBegun) {
  const RequirementRecords requirements = {
      {"requirements/a", Use(1, 2020)}, {"requirements/b", Use(2, 2025)}, {"requirements/c", Use(3, 2030)}};
  EXPECT_EQ(CostOfLapse(Mine(), Offtake(100), requirements, "", kToday).requirement, "requirements/b");
}

TEST(CostOfLapseTest, DividesNoUnlikeTonnes) {
  RequirementRecord gross = Use(3650, 2026);
  gross.basis = 1;
  const LapseCost cost = CostOfLapse(Mine(), Offtake(100), {{"requirements/a", gross}}, "", kToday);
  EXPECT_FALSE(cost.days_of_cover.has_value());
  EXPECT_THAT(cost.reasons, ElementsAre("BASIS_MISMATCH"));
  ProjectRecord unsaid = Mine();
  unsaid.basis = 0;
  EXPECT_THAT(CostOfLapse(unsaid, Offtake(100), {{"requirements/a", gross}}, "", kToday).reasons,
              ElementsAre("BASIS_UNKNOWN"));
}

TEST(CostOfLapseTest, AddsNoRequirementsThatFitAlike) {
  const RequirementRecords requirements = {{"requirements/a", Use(1, 2025)}, {"requirements/b", Use(2, 2025)}};
  EXPECT_THAT(CostOfLapse(Mine(), Offtake(100), requirements, "", kToday).reasons, ElementsAre("SEVERAL_REQUIREMENTS"));
}

TEST(CostOfLapseTest, CostsNothingKnownWithoutOfftake) {
  CommitmentRecord loan = Offtake(0);
  loan.offtake_tonnes_per_year.reset();
  const LapseCost cost = CostOfLapse(Mine(), loan, {{"requirements/a", Use(3650, 2026)}}, "", kToday);
  EXPECT_FALSE(cost.days_of_cover.has_value());
  EXPECT_THAT(cost.reasons, Contains("OFFTAKE_UNKNOWN"));
}

TEST(CostOfLapseTest, HasEndedOnlyAfterThePeriodOfItsLapse) {
  CommitmentRecord commitment = Offtake(100);
  commitment.lapse = "2026-11";
  const RequirementRecords requirements = {{"requirements/a", Use(3650, 2026)}};
  EXPECT_TRUE(CostOfLapse(Mine(), commitment, requirements, "", kToday).days_of_cover.has_value());
  EXPECT_THAT(CostOfLapse(Mine(), commitment, requirements, "", "2026-12-01").reasons, ElementsAre("ENDED"));
}

TEST(CalendarTest, PutsADateInItsYear) {
  EXPECT_FALSE(YearsOf("").has_value());
  EXPECT_DOUBLE_EQ(*YearsOf("2024"), 2024.5);
  EXPECT_DOUBLE_EQ(*YearsOf("2024-07"), 2024 + 6.5 / 12);
  EXPECT_DOUBLE_EQ(*YearsOf("2024-01-01"), 2024);
  EXPECT_DOUBLE_EQ(*YearsOf("2024-12-31"), 2024 + 365.0 / 366);
}

TEST(CalendarTest, CountsDaysToTheFirstThatADateMayMean) {
  EXPECT_EQ(DaysUntil("2027", kToday), 36);
  EXPECT_EQ(DaysUntil("2026-11", kToday), -25);
  EXPECT_EQ(DaysUntil("2028-03-01", "2028-02-28"), 2);
  EXPECT_FALSE(DaysUntil("", kToday).has_value());
  EXPECT_FALSE(DaysUntil("2027", "").has_value());
}

TEST(NormOfTest, KnowsPublishedStepsAlone) {
  const BaseRates rates = DefaultBaseRates();
  EXPECT_DOUBLE_EQ(NormOf("Feasibility study", "start of construction", rates)->value, 1.8);
  EXPECT_NEAR(NormOf("start of construction", "Start of production", rates)->value, 2.6, 1e-12);
  EXPECT_FALSE(NormOf("permit", "start of production", rates).has_value());
  EXPECT_FALSE(NormOf("", "start of production", rates).has_value());
}

}  // namespace
}  // namespace orewatch::risk
