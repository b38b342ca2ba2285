// GeoPolRisk as the model computes it: what is read of the facts, what is flagged, and that its parts add up.
#include "services/risk/domain/geopolrisk_scorer.h"

#include "gmock/gmock.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr StageNumber kMine = 1;
constexpr BasisNumber kGross = 1;
constexpr BasisNumber kContained = 2;
constexpr double kRounding = 1e-12;

class GeoPolRiskScorerTest : public ::testing::Test {
 protected:
  GeoPolRiskScorerTest() {
    Govern("CN", -0.5);
    Govern("AU", 1.5);
    Govern("DE", 0.5);
    Produce("CN", 80);
    Produce("AU", 20);
    Trade("CN", "JP", 60, 120'000);
    Trade("AU", "JP", 40, 80'000);
    changes_.today = "2026-11-24";
  }
  // Only stability counts; the other five are as good as can be.
  void Govern(const std::string& country, std::optional<double> stability) {
    changes_.governance[{country, 2024, "wgi"}] = GovernanceFact{{2.5, stability, 2.5, 2.5, 2.5, 2.5}, {}};
  }
  void Produce(const std::string& country, std::optional<double> tonnes, BasisNumber basis = kGross) {
    Figure figure;
    figure.amount = tonnes;
    changes_.production[{{kMineral, kMine}, {"usgs", "ore", basis, "", 2024, country}}] = figure;
  }
  void Trade(const std::string& exporter, const std::string& importer, std::optional<double> tonnes,
             std::optional<double> value_usd = std::nullopt, const std::string& hs6 = "260500") {
    Figure figure;
    figure.amount = tonnes;
    figure.value_usd = value_usd;
    changes_.trade[{{kMineral, kMine}, {"baci", "ore", hs6, kGross, "", 2024, importer, exporter}}] = figure;
  }
  std::shared_ptr<const Score> Of(const std::string& importer, const Variant& variant = {}) const {
    return Model(Parameters()).Apply(changes_, 1)->Find({kMineral, kMine, importer, Method::kGeoPolRisk2024}, variant);
  }
  static Estimate ComponentOf(const Score& score, const std::string& name) {
    for (const Component& component : score.components) {
      if (component.name == name) {
        return component.estimate;
      }
    }
    ADD_FAILURE() << name;
    return {};
  }

  static constexpr char kMineral[] = "minerals/x";
  Changes changes_;
};

TEST_F(GeoPolRiskScorerTest, WeighsByPoliticalStabilityAndItsContributionsAddUp) {
  const auto score = Of("countries/JP");
  EXPECT_NEAR(*score->estimate.value, .68 * (.6 * .6 + .4 * .2), kRounding);
  EXPECT_THAT(score->estimate.reasons, IsEmpty());
  EXPECT_THAT(score->notes, IsEmpty());
  EXPECT_NEAR(*ComponentOf(*score, "hhi").value, .68, kRounding);
  EXPECT_NEAR(*ComponentOf(*score, "import_risk").value, .44, kRounding);
  EXPECT_NEAR(*ComponentOf(*score, "price").value, 2, kRounding);
  EXPECT_NEAR(*ComponentOf(*score, "characterisation_factor").value, .68 * .44 * 2 / .409412948, kRounding);
  double sum = 0;
  for (const Input& input : score->inputs) {
    sum += input.contribution.value_or(0);
  }
  EXPECT_NEAR(sum, *score->estimate.value, kRounding);
  EXPECT_EQ(score->parameters.name, "geopolrisk-2024");
  EXPECT_EQ(score->reference_year, 2024);
}

TEST_F(GeoPolRiskScorerTest, ConfiguredImportersAreKeptCurrent) {
  const auto model = Model(Parameters()).Apply(changes_, 1);
  EXPECT_EQ(model->scores().count({kMineral, kMine, "countries/JP", Method::kGeoPolRisk2024}), 1U);
  Changes restated;
  restated.trade = changes_.trade;
  for (auto& [key, figure] : restated.trade) {
    figure->value_usd = *figure->value_usd * 2;
  }
  const auto next = model->Apply(restated, 2);
  const auto& score = *next->scores().at({kMineral, kMine, "countries/JP", Method::kGeoPolRisk2024});
  EXPECT_EQ(score.changed_revision, 2);
  EXPECT_EQ(score.change_cause, ChangeCause::kRestated);
  const auto& supply_risk = *next->scores().at({kMineral, kMine, "countries/JP", Method::kEuSupplyRisk2017});
  EXPECT_EQ(supply_risk.changed_revision, 1) << "no price counts in it";
}

TEST_F(GeoPolRiskScorerTest, ImportersWithoutTradeAreUnsetAndNeverSafe) {
  EXPECT_FALSE(Of("countries/BR")->estimate.value.has_value());
  EXPECT_THAT(Of("countries/BR")->estimate.reasons, ElementsAre("NO_TRADE"));
  EXPECT_THAT(Of("countries/CN")->estimate.reasons, ElementsAre("NO_TRADE")) << "what it imports is not known";
}

TEST_F(GeoPolRiskScorerTest, ABlocSumsItsMembersAndItsOwnTradeBearsNoRisk) {
  changes_.blocs["blocs/EU"] = {{"DE", "1958", ""}, {"FR", "1958", ""}};
  Produce("FR", 20);
  Trade("CN", "DE", 50);
  Trade("DE", "FR", 30);
  const auto score = Of("blocs/EU");
  EXPECT_NEAR(*ComponentOf(*score, "import_risk").value, .6 * 50 / (20 + 50 + 30), kRounding);
  EXPECT_NEAR(*ComponentOf(*Of("countries/FR"), "import_risk").value, .4 * 30 / (20 + 30), kRounding);
}

TEST_F(GeoPolRiskScorerTest, ABlocWithoutMembersIsUnset) {
  changes_.blocs["blocs/EU"] = {{"DE", "2025", ""}};
  EXPECT_THAT(Of("blocs/EU")->estimate.reasons, ElementsAre("NO_MEMBERS"));
}

TEST_F(GeoPolRiskScorerTest, AMissingEstimateIsImputedAndFlagged) {
  Govern("CN", std::nullopt);
  const auto score = Of("countries/JP");
  EXPECT_NEAR(*ComponentOf(*score, "import_risk").value, .6 * .5 + .4 * .2, kRounding);
  EXPECT_THAT(score->estimate.reasons, ElementsAre("GOVERNANCE_IMPUTED:CN"));
  EXPECT_NEAR(score->estimate.lower, .68 * .08, kRounding);
}

TEST_F(GeoPolRiskScorerTest, OwnOutputOnAnotherBasisMayBeAny) {
  changes_.production.clear();
  Produce("CN", 80, kContained);
  Produce("JP", 20, kContained);
  const auto score = Of("countries/JP");
  EXPECT_NEAR(*ComponentOf(*score, "import_risk").value, .44, kRounding);
  EXPECT_EQ(score->estimate.lower, 0);
  EXPECT_THAT(score->estimate.reasons, ElementsAre("BASIS_MISMATCH"));
  changes_.production.erase({{kMineral, kMine}, {"usgs", "ore", kContained, "", 2024, "JP"}});
  EXPECT_THAT(Of("countries/JP")->estimate.reasons, IsEmpty()) << "who produces nothing has nothing to compare";
}

TEST_F(GeoPolRiskScorerTest, OtherCountriesMayBeTheImporter) {
  Produce("ZZ", 100);
  const auto score = Of("countries/JP");
  const double named = (.4 * .4) + (.1 * .1);
  EXPECT_NEAR(*score->estimate.value, named * .44, kRounding);
  EXPECT_NEAR(score->estimate.lower, named * .22, kRounding);
  EXPECT_NEAR(*score->estimate.upper, (named + .25) * .44, kRounding);
}

TEST_F(GeoPolRiskScorerTest, ACallersMapNamesTheCodesThatCount) {
  Trade("CN", "JP", 900, std::nullopt, "810520");
  EXPECT_THAT(Of("countries/JP")->estimate.reasons, Contains("FORMS_ADDED"));
  EXPECT_THAT(Of("countries/JP")->notes, Contains("PRICE_PARTIAL"));
  Variant own_map;
  own_map.geopolrisk = GeoPolRiskParameters();
  own_map.geopolrisk->name = "mine";
  own_map.geopolrisk->hs6 = {"260500"};
  const auto score = Of("countries/JP", own_map);
  EXPECT_NEAR(*ComponentOf(*score, "import_risk").value, .44, kRounding);
  EXPECT_THAT(score->hs6, ElementsAre("260500"));
  EXPECT_EQ(score->parameters.name, "mine");
}

TEST_F(GeoPolRiskScorerTest, LeavingOthersOutIsNotedAndNeverTheDefault) {
  Produce("ZZ", 100);
  Variant named_only;
  named_only.geopolrisk = GeoPolRiskParameters();
  named_only.geopolrisk->other_countries = OtherCountries::kLeftOut;
  const auto score = Of("countries/JP", named_only);
  EXPECT_NEAR(*score->estimate.value, .68 * .44, kRounding);
  EXPECT_THAT(score->notes, Contains("OTHERS_LEFT_OUT"));
  EXPECT_THAT(Of("countries/JP")->notes, Not(Contains("OTHERS_LEFT_OUT")));
}

TEST_F(GeoPolRiskScorerTest, ACompanyIsScoredByItsOwnSuppliers) {
  Variant company;
  company.purchases = {{"CN", 25, std::nullopt}, {"AU", 75, std::nullopt}};
  const auto score = Of("", company);
  EXPECT_NEAR(*score->estimate.value, .68 * (.25 * .6 + .75 * .2), kRounding);
  EXPECT_THAT(score->notes, ElementsAre("PRICE_UNKNOWN"));
  EXPECT_FALSE(ComponentOf(*score, "characterisation_factor").value.has_value());
  company.purchases->clear();
  EXPECT_THAT(Of("", company)->estimate.reasons, ElementsAre("NO_TRADE"));
}

}  // namespace
}  // namespace orewatch::risk
