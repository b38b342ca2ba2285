#include "services/risk/domain/project_outlook.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "gmock/gmock.h"
#include "services/risk/domain/milestone_slippage.h"
#include "services/risk/domain/philox.h"

namespace orewatch::risk {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(PhiloxTest, GivesThePublishedVectors) {
  EXPECT_THAT(Philox4x32({0, 0, 0, 0}, {0, 0}), ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_THAT(Philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  EXPECT_THAT(Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
              ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

TEST(AddressedRandomTest, HasTheMomentsOfUniformAndNormal) {
  const AddressedRandom random(5);
  constexpr uint32_t kDraws = 200'000;
  double mean = 0;
  double normal = 0;
  double square = 0;
  for (uint32_t run = 0; run < kDraws; ++run) {
    const auto [a, b] = random.Uniforms({1, run, 0});
    ASSERT_GT(a, 0);
    ASSERT_LT(b, 1);
    mean += (a + b) / 2 / kDraws;
    const double z = random.Normal({2, run, 0});
    normal += z / kDraws;
    square += z * z / kDraws;
  }
  EXPECT_NEAR(mean, 0.5, 0.003);
  EXPECT_NEAR(normal, 0, 0.01);
  EXPECT_NEAR(square, 1, 0.02);
}

PipelineProject ThreeGates() {
  const Duration two_years{Duration::Kind::kExponential, 2, 0};
  return {"projects/a", "countries/AU", {{0.8, two_years}, {0.7, two_years}, {0.9, two_years}}, 100, 0};
}

double PartOf(const std::vector<double>& starts, double years) {
  return static_cast<double>(
             std::count_if(starts.begin(), starts.end(), [&](double start) { return start <= years; })) /
         static_cast<double>(starts.size());
}

TEST(SimulateStartsTest, AgreesWithTheClosedForm) {
  const std::vector<double> starts = SimulateStarts(ThreeGates(), {1, 200'000, 2, 0});
  const double error = 4 * std::sqrt(0.25 / 200'000);
  EXPECT_NEAR(PartOf(starts, 1e9), 0.504, error);
  // 0.504 times the distribution of Erlang with three steps of mean 2, at 10.
  EXPECT_NEAR(PartOf(starts, 10), 0.504 * (1 - std::exp(-5.0) * (1 + 5 + 12.5)), error);
}

TEST(SimulateStartsTest, IsTheSameOnAnyNumberOfThreadsAndBesideAnyOtherProject) {
  const std::vector<double> one = SimulateStarts(ThreeGates(), {7, 10'000, 1, 0.1});
  EXPECT_EQ(one, SimulateStarts(ThreeGates(), {7, 10'000, 4, 0.1}));
  EXPECT_NE(one, SimulateStarts(ThreeGates(), {8, 10'000, 1, 0.1}));
  PipelineProject other = ThreeGates();
  other.name = "projects/b";
  EXPECT_NE(one, SimulateStarts(other, {7, 10'000, 1, 0.1}));
}

TEST(SimulateStartsTest, NeverMakesARunWorseByABetterChance) {
  const std::vector<double> before = SimulateStarts(ThreeGates(), {7, 5'000, 1, 0});
  PipelineProject better = ThreeGates();
  better.gates[1].pass_probability = 0.8;
  const std::vector<double> after = SimulateStarts(better, {7, 5'000, 1, 0});
  for (size_t run = 0; run < before.size(); ++run) {
    EXPECT_LE(after[run], before[run]);
  }
}

TEST(SimulateStartsTest, KeepsTheMeanOfALognormal) {
  const PipelineProject project{"projects/a", "", {{1, {Duration::Kind::kLognormal, 15.7, 0.32}}}, 0, 0};
  const std::vector<double> starts = SimulateStarts(project, {3, 100'000, 1, 0});
  EXPECT_NEAR(std::accumulate(starts.begin(), starts.end(), 0.0) / 100'000, 15.7, 0.1);
}

TEST(TonnesByTest, RampsInAStraightLine) {
  const PipelineProject project{"", "", {}, 1, 2.5};
  EXPECT_DOUBLE_EQ(TonnesBy(project, 3, 4), 0.2);
  EXPECT_DOUBLE_EQ(TonnesBy(project, 3, 5.5), 1.25);
  EXPECT_DOUBLE_EQ(TonnesBy(project, 3, 8), 3.75);
  EXPECT_EQ(TonnesBy(project, 3, 2), 0);
  EXPECT_EQ(TonnesBy(project, std::numeric_limits<double>::infinity(), 50), 0);
}

ProjectFacts Mine(ProjectStatus status) { return {"projects/a", "countries/AU", status, true, 1000}; }
ProjectOutlook Outlook(const ProjectFacts& project, const OutlookAssumptions& assumptions = {}) {
  return OutlookOf(project, DefaultBaseRates(), assumptions, {1, 20'000, 2, 40});
}

TEST(OutlookOfTest, CitesASourceForEachRate) {
  for (const BaseRate& rate : Outlook(Mine(ProjectStatus::kExploration)).rates) {
    EXPECT_FALSE(rate.source.empty());
    EXPECT_FALSE(rate.population.empty());
    EXPECT_THAT(rate.source_url, ::testing::StartsWith("http"));
  }
}

TEST(OutlookOfTest, GivesADiscoveryThePublishedRateAndTime) {
  const ProjectOutlook outlook = Outlook(Mine(ProjectStatus::kExploration));
  EXPECT_EQ(outlook.published.ever_produces.value, 0.45);
  EXPECT_EQ(outlook.published.ever_produces.lower, 0);
  EXPECT_THAT(outlook.reasons, Contains("DISCOVERY_NOT_ESTABLISHED"));
  EXPECT_NEAR(outlook.published.start->p50, 15.7 * std::exp(-0.322 * 0.322 / 2), 0.2);
  EXPECT_NEAR(outlook.published.years.back().produces_by, 0.45, 0.01);
}

TEST(OutlookOfTest, ChangesNothingWithoutAssumptions) {
  const ProjectOutlook outlook = Outlook(Mine(ProjectStatus::kFinancing), {{{"engagement", 0, 1}}, {}, 0, 0});
  EXPECT_THAT(outlook.assumptions, IsEmpty());
  EXPECT_EQ(outlook.assumed.ever_produces.value, outlook.published.ever_produces.value);
  EXPECT_EQ(outlook.assumed.start->p50, outlook.published.start->p50);
}

TEST(OutlookOfTest, GivesNoCreditForPhasesUnlessTheCallerAssumesASplit) {
  const ProjectOutlook published = Outlook(Mine(ProjectStatus::kConstruction));
  EXPECT_EQ(published.published.ever_produces.value, 0.45);
  EXPECT_EQ(published.published.ever_produces.upper, 1);
  EXPECT_THAT(published.reasons, Contains("PHASE_NOT_CREDITED"));
  const OutlookAssumptions split{{}, std::array<double, kPhases>{0.9, 0.85, 0.9, 0.9, 0.97}, 0, 0};
  const ProjectOutlook assumed = Outlook(Mine(ProjectStatus::kConstruction), split);
  EXPECT_EQ(assumed.published.ever_produces.value, 0.45);
  EXPECT_DOUBLE_EQ(*assumed.assumed.ever_produces.value, 0.9 * 0.97);
  EXPECT_THAT(assumed.assumptions, ElementsAre("pass_probability"));
}

TEST(OutlookOfTest, ShowsTheEffectOfEachAssumptionBesideThePublished) {
  const ProjectOutlook outlook =
      Outlook(Mine(ProjectStatus::kFinancing), {{{"state guarantee", std::log(2.0), 0.5}}, {}, 0.1, 0});
  EXPECT_DOUBLE_EQ(*outlook.assumed.ever_produces.value, 0.9 * (0.9 / 1.45));
  EXPECT_DOUBLE_EQ(outlook.assumed.start->p50, outlook.published.start->p50 / 2);
  EXPECT_THAT(outlook.assumptions, ElementsAre("country_failure", "state guarantee"));
  EXPECT_EQ(outlook.published.ever_produces.value, 0.45);
}

TEST(OutlookOfTest, TakesLessTimeTheFurtherAProjectIs) {
  double before = std::numeric_limits<double>::infinity();
  for (const auto status : {ProjectStatus::kExploration, ProjectStatus::kFinancing, ProjectStatus::kConstruction,
                            ProjectStatus::kOperating}) {
    const double median = Outlook(Mine(status)).published.start->p50;
    EXPECT_LE(median, before);
    before = median;
  }
}

TEST(OutlookOfTest, DoesNotGuessWhatNobodyHasPublished) {
  const ProjectOutlook commissioning = Outlook(Mine(ProjectStatus::kCommissioning));
  EXPECT_FALSE(commissioning.published.start.has_value());
  EXPECT_THAT(commissioning.reasons, Contains("PHASE_LENGTH_UNKNOWN"));
  EXPECT_THAT(Outlook(Mine(ProjectStatus::kFeasibility)).reasons, Contains("STUDY_TIME_UNKNOWN"));
  EXPECT_THAT(Outlook({"projects/a", "", ProjectStatus::kUnspecified, true, {}}).reasons,
              ElementsAre("STATUS_UNKNOWN"));
}

TEST(OutlookOfTest, SaysNothingAboutARefinery) {
  ProjectFacts refinery = Mine(ProjectStatus::kConstruction);
  refinery.mine = false;
  const ProjectOutlook outlook = Outlook(refinery);
  EXPECT_FALSE(outlook.published.ever_produces.value.has_value());
  EXPECT_THAT(outlook.reasons, ElementsAre("NO_BASE_RATE"));
}

TEST(OutlookOfTest, KnowsTheEndsOfTheRoad) {
  EXPECT_EQ(Outlook(Mine(ProjectStatus::kOperating)).published.ever_produces.value, 1);
  EXPECT_EQ(*Outlook(Mine(ProjectStatus::kOperating)).published.years[0].expected_tonnes, 1000);
  EXPECT_EQ(Outlook(Mine(ProjectStatus::kCancelled)).published.ever_produces.value, 0);
  EXPECT_THAT(Outlook(Mine(ProjectStatus::kCancelled)).reasons, ElementsAre("CANCELLED"));
}

TEST(OutlookOfTest, ExpectsNoTonnesOfAnUnknownCapacity) {
  ProjectFacts project = Mine(ProjectStatus::kFinancing);
  project.capacity_tonnes_per_year.reset();
  EXPECT_FALSE(Outlook(project).published.years.back().expected_tonnes.has_value());
}

TEST(SlippageOfTest, MeasuresAgainstPlanAndNorm) {
  const BaseRate norm = DefaultBaseRates().years_to_construction_large;
  const std::vector<Slippage> slippage = SlippageOf({{"feasibility study", 2020, 2021.5, {}},
                                                     {"start of construction", 2022, {}, norm},
                                                     {"first production", 2030, {}, norm}},
                                                    2025);
  EXPECT_EQ(slippage[0].behind_plan, 1.5);
  EXPECT_FALSE(slippage[0].behind_norm.has_value());
  EXPECT_FALSE(slippage[0].still_growing);
  EXPECT_EQ(slippage[1].behind_plan, 3);
  EXPECT_NEAR(*slippage[1].behind_norm, 1.7, 1e-9);
  EXPECT_TRUE(slippage[1].still_growing);
  EXPECT_FALSE(slippage[2].behind_plan.has_value());
  EXPECT_FALSE(slippage[2].behind_norm.has_value());
}

TEST(PublishedChanceWithinTest, IsWhatTheRunsComeTo) {
  for (const ProjectStatus status :
       {ProjectStatus::kExploration, ProjectStatus::kFeasibility, ProjectStatus::kFinancing,
        ProjectStatus::kConstruction, ProjectStatus::kSuspended}) {
    const ProjectFacts project{"projects/a", "AU", status, true, 100};
    OutlookOptions options;
    options.runs = 100'000;
    const ProjectOutlook outlook = OutlookOf(project, DefaultBaseRates(), {}, options);
    for (const OutlookYear& year : outlook.published.years) {
      // Four standard errors of 100,000 runs.
      ASSERT_NEAR(*PublishedChanceWithin(project, DefaultBaseRates(), year.years_from_now), year.produces_by, 0.004);
    }
  }
}

TEST(PublishedChanceWithinTest, IsUnknownWhereNoRateIsPublished) {
  const BaseRates rates = DefaultBaseRates();
  EXPECT_FALSE(PublishedChanceWithin({"p", "AU", ProjectStatus::kConstruction, false, 1}, rates, 5).has_value());
  EXPECT_FALSE(PublishedChanceWithin({"p", "AU", ProjectStatus::kCommissioning, true, 1}, rates, 5).has_value());
  EXPECT_EQ(PublishedChanceWithin({"p", "AU", ProjectStatus::kConstruction, true, 1}, rates, 0), 0);
  EXPECT_EQ(PublishedChanceWithin({"p", "AU", ProjectStatus::kOperating, true, 1}, rates, 0), 1);
}

}  // namespace
}  // namespace orewatch::risk
