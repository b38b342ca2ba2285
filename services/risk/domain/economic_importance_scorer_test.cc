// Economic importance as the model computes it: whose figures are read, what is flagged, and when a mineral is
// critical.
#include "services/risk/domain/economic_importance_scorer.h"

#include "gmock/gmock.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kMineral[] = "minerals/x";
constexpr char kEu[] = "blocs/EU";
constexpr double kRounding = 1e-12;

class EconomicImportanceScorerTest : public ::testing::Test {
 protected:
  EconomicImportanceScorerTest() {
    Use("C24", .6);
    Use("C27", .4);
    Add("C24", 150);
    Add("C27", 50);
    Add("C10", 200);
    changes_.indicators[{kMineral, Indicator::kSubstitutionOfImportance, 2020, "EU", "d"}] = IndicatorFact{.9, {}};
    changes_.blocs[kEu] = std::vector<Membership>{{"FR", "1958", ""}};
    changes_.today = "2026-11-24";
  }
  void Use(const std::string& sector, double share, int year = 2020, const std::string& region = "EU",
           const std::string& dataset = "d") {
    changes_.indicators[{kMineral, Indicator::kEndUseShare, year, region, dataset, sector}] = IndicatorFact{share, {}};
  }
  void Add(const std::string& sector, double value, int year = 2020, const std::string& economy = kEu) {
    changes_.indicators[{economy, Indicator::kValueAdded, year, "", "eurostat", sector}] = IndicatorFact{value, {}};
  }
  void Trade(StageNumber stage, const std::string& exporter, double tonnes) {
    Figure figure;
    figure.amount = tonnes;
    changes_.trade[{{kMineral, stage}, {"baci", "", "260500", 2, "", 2024, "FR", exporter}}] = figure;
    changes_.production[{{kMineral, stage}, {"usgs", "", 2, "", 2024, exporter}}] = figure;
    changes_.governance[{exporter, 2024, "wgi"}] = GovernanceFact{{0, 0, 0, 0, 0, 0}, {}};
  }
  std::shared_ptr<const Score> Of(const std::string& importer = kEu) const {
    return Model(Parameters()).Apply(changes_, 1)->Find({kMineral, 0, importer, Method::kEuEconomicImportance2017});
  }
  static Estimate Part(const Score& score, const std::string& name) {
    for (const Component& component : score.components) {
      if (component.name == name) {
        return component.estimate;
      }
    }
    return {};
  }

  Changes changes_;
};

TEST_F(EconomicImportanceScorerTest, WeighsEndUsesByTheValueAddedOfTheirSectors) {
  const auto score = Of();
  EXPECT_NEAR(*score->estimate.value, 10 * (.6 * 150 + .4 * 50) / 200 * .9, kRounding);
  EXPECT_THAT(score->estimate.reasons, IsEmpty());
  EXPECT_EQ(score->reference_year, 2020);
  EXPECT_EQ(score->parameters.name, EconomicImportanceParameters().name);
  double sum = 0;
  for (const Input& input : score->inputs) {
    sum += input.contribution.value_or(0);
  }
  EXPECT_NEAR(sum, *score->estimate.value, kRounding);
}

TEST_F(EconomicImportanceScorerTest, AnotherEconomysFiguresNeverStandIn) {
  EXPECT_THAT(Of("countries/JP")->estimate.reasons, ElementsAre("NO_END_USES"));
  EXPECT_FALSE(Of("countries/JP")->estimate.value.has_value());
  Use("C24", 1, 2020, "JP");
  EXPECT_THAT(Of("countries/JP")->estimate.reasons, ElementsAre("NO_VALUE_ADDED"));
  Add("C24", 7, 2021, "countries/JP");
  const auto score = Of("countries/JP");
  EXPECT_NEAR(*score->estimate.value, 10 * .9, kRounding);
  EXPECT_THAT(score->estimate.reasons, ElementsAre("SUBSTITUTION_REGION:EU"));
  EXPECT_THAT(score->notes, Contains("VALUE_ADDED_YEAR:2021"));
}

TEST_F(EconomicImportanceScorerTest, ReadsOneDatasetOfTheLatestYear) {
  Use("C24", 1, 2022);
  Use("C27", 1, 2022, "EU", "e");
  EXPECT_NEAR(*Of()->estimate.value, 10 * 150 / 200.0 * .9, kRounding);
  EXPECT_EQ(Of()->reference_year, 2022);
}

TEST_F(EconomicImportanceScorerTest, SaysWhatIsMissing) {
  Use("C30", .1);
  Use("C24", .4);
  const auto score = Of();
  EXPECT_THAT(score->estimate.reasons, ElementsAre("END_USE_UNKNOWN", "VALUE_ADDED_UNKNOWN:C30"));
  EXPECT_EQ(score->estimate.lower, 0);
  EXPECT_NEAR(*score->estimate.upper, *score->estimate.value + 10 * .2 * .9, kRounding);
}

TEST_F(EconomicImportanceScorerTest, UnknownSubstitutionGivesNoReliefAndMayGiveAllThereIs) {
  changes_.indicators.erase({kMineral, Indicator::kSubstitutionOfImportance, 2020, "EU", "d"});
  const auto score = Of();
  EXPECT_NEAR(*score->estimate.value, 5.5, kRounding);
  EXPECT_NEAR(score->estimate.lower, 5.5 * .7, kRounding);
  EXPECT_THAT(score->estimate.reasons, ElementsAre("SUBSTITUTION_UNKNOWN"));
}

TEST_F(EconomicImportanceScorerTest, IsCriticalByTheWorstStageAndOnlyIfBothAreKnown) {
  EXPECT_FALSE(Part(*Of(), "critical").value.has_value());
  Trade(1, "AU", 50);
  Trade(1, "CL", 50);
  Trade(3, "CN", 100);
  const auto score = Of();
  const auto at_stage = Model(Parameters()).Apply(changes_, 1)->Find({kMineral, 3, kEu, Method::kEuSupplyRisk2017});
  EXPECT_EQ(Part(*score, "supply_risk").value, at_stage->estimate.value);
  EXPECT_EQ(Part(*score, "critical").value, 1);
  EXPECT_FALSE(Part(*Of("countries/FR"), "critical").value.has_value());
}

TEST_F(EconomicImportanceScorerTest, HasASeriesByYear) {
  Use("C24", 1, 2022);
  Add("C24", 100, 2022);
  std::vector<int> years;
  for (const auto& score : Model(Parameters())
                               .Apply(changes_, 1)
                               ->FindByYear({kMineral, 0, kEu, Method::kEuEconomicImportance2017}, 0, 9999)) {
    years.push_back(score->reference_year);
  }
  EXPECT_THAT(years, ElementsAre(2020, 2022));
}

// Kept for those who are configured, computed for others: the same mark.
TEST_F(EconomicImportanceScorerTest, MarksTheStageWhereSupplyRiskIsWorst) {
  Trade(1, "AU", 50);
  Trade(1, "CL", 50);
  Trade(3, "CN", 100);
  Parameters other;
  other.importers = {"countries/AU"};
  for (const Parameters& parameters : {Parameters(), other}) {
    const auto model = Model(parameters).Apply(changes_, 1);
    const auto mine = model->Find({kMineral, 1, kEu, Method::kEuSupplyRisk2017});
    const auto refine = model->Find({kMineral, 3, kEu, Method::kEuSupplyRisk2017});
    EXPECT_FALSE(mine->bottleneck);
    EXPECT_TRUE(refine->bottleneck);
    EXPECT_EQ(refine->known_stages, 2);
    EXPECT_EQ(mine->known_stages, 2);
  }
}

// A stage of which only production is known counts for HHI alone.
TEST_F(EconomicImportanceScorerTest, CountsTheStagesOfEitherIndexApart) {
  Trade(1, "AU", 50);
  Figure figure;
  figure.amount = 5;
  changes_.production[{{kMineral, 2}, {"usgs", "", 2, "", 2024, "CN"}}] = figure;
  const auto model = Model(Parameters()).Apply(changes_, 1);
  EXPECT_EQ(model->Find({kMineral, 1, "", Method::kHhi})->known_stages, 2);
  EXPECT_EQ(model->Find({kMineral, 1, kEu, Method::kEuSupplyRisk2017})->known_stages, 1);
  EXPECT_TRUE(model->Find({kMineral, 1, kEu, Method::kEuSupplyRisk2017})->bottleneck);
  EXPECT_EQ(model->Recomputed(kMineral).at({kMineral, 1, kEu, Method::kEuSupplyRisk2017})->known_stages, 1);
}

}  // namespace
}  // namespace orewatch::risk
