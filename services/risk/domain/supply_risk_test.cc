// Supply risk as the model computes it: what is compared, what is flagged, and that its parts add up.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr StageNumber kRefine = 3;
constexpr BasisNumber kGross = 1;
constexpr BasisNumber kContained = 2;

class SupplyRiskTest : public ::testing::Test {
 protected:
  SupplyRiskTest() {
    for (const char* country : {"AU", "CN", "JP"}) {
      changes_.countries[std::string("countries/") + country] = true;
    }
    Govern("CN", 0);
    Govern("AU", 1.5);
    Govern("JP", 1.5);
    Produce("CN", 80);
    Produce("AU", 20);
    Trade("CN", "JP", 50);
    Trade("AU", "JP", 50);
    changes_.indicators[{kMineral, Indicator::kRecycling, 2020, "", "d"}] = IndicatorFact{0.1, {}};
    changes_.indicators[{kMineral, Indicator::kSubstitution, 2020, "", "d"}] = IndicatorFact{0.9, {}};
    changes_.today = "2026-11-24";
  }
  void Govern(const std::string& country, double mean) {
    changes_.governance[{country, 2023, "wgi"}] = GovernanceFact{{mean, mean, mean, mean, mean, mean}, {}};
  }
  void Produce(const std::string& country, std::optional<double> tonnes, int year = 2024) {
    changes_.production[{{kMineral, kRefine}, {"usgs", "metal", kContained, "all", year, country}}] = Of(tonnes);
  }
  void Trade(const std::string& exporter, const std::string& importer, std::optional<double> tonnes, int year = 2024,
             BasisNumber basis = kContained, const std::string& hs6 = "810520") {
    changes_.trade[{{kMineral, kRefine}, {"baci", "metal", hs6, basis, "all", year, importer, exporter}}] = Of(tonnes);
  }
  static Figure Of(std::optional<double> amount) {
    Figure figure;
    figure.amount = amount;
    return figure;
  }
  static std::shared_ptr<const Score> RiskOf(const Model& model, const std::string& importer = "countries/JP") {
    return model.Find({kMineral, kRefine, importer, Method::kEuSupplyRisk2017});
  }
  std::shared_ptr<const Score> Compute() const { return RiskOf(*Model(Parameters()).Apply(changes_, 1)); }

  static constexpr char kMineral[] = "minerals/x";
  Changes changes_;
};

TEST_F(SupplyRiskTest, MatchesTheFormulaAndItsContributionsAddUp) {
  const auto score = Compute();
  // GS = .64*5 + .04*2 = 3.28, sourcing = .25*5 + .25*2 = 1.75, IR = 1; (1.64 + .875) * .9 * .9.
  EXPECT_NEAR(*score->estimate.value, 2.515 * .81, 1e-12);
  EXPECT_THAT(score->estimate.reasons, ElementsAre());
  double sum = 0;
  for (const Input& input : score->inputs) {
    sum += input.contribution.value_or(0);
  }
  EXPECT_NEAR(sum, *score->estimate.value, 1e-12);
  EXPECT_EQ(score->reference_year, 2024);
  EXPECT_EQ(score->parameters.name, "eu-criticality-2017");
  EXPECT_EQ(score->parameters.parameters.front().number, TradeFactors().member);
}

TEST_F(SupplyRiskTest, CountsDomesticProductionOfTheSameBasisAndScope) {
  Produce("JP", 100);
  const auto score = Compute();
  const double gs = (0.4 * 0.4 * 5) + (0.1 * 0.1 * 2) + (0.5 * 0.5 * 2 * 0.8);
  const double sourcing = (0.25 * 0.25 * 5) + (0.25 * 0.25 * 2) + (0.5 * 0.5 * 2 * 0.8);
  EXPECT_NEAR(*score->estimate.value, (gs * 0.25 + sourcing * 0.75) * .81, 1e-12);
}

TEST_F(SupplyRiskTest, NeverNetsUnlikeBases) {
  changes_.trade.clear();
  Trade("CN", "JP", 50, 2024, kGross);
  Produce("JP", 100);
  const auto score = Compute();
  EXPECT_THAT(score->estimate.reasons,
              AllOf(Contains("BASIS_MISMATCH"), Contains("IMPORT_RELIANCE_UNKNOWN"), Contains("OUTPUT_UNKNOWN:JP")));
  EXPECT_FALSE(score->estimate.upper.has_value());
}

TEST_F(SupplyRiskTest, ReadsTheLatestYearThatProductionAndTradeShare) {
  Produce("CN", 1, 2025);
  EXPECT_EQ(Compute()->reference_year, 2024);
  changes_.trade.clear();
  Trade("CN", "JP", 1, 2022);
  EXPECT_EQ(Compute()->reference_year, 2022);
  EXPECT_THAT(Compute()->estimate.reasons, Contains("YEARS_DIFFER"));
}

TEST_F(SupplyRiskTest, SomebodyElsesTradeDecidesNeitherYearNorDatasetNorBasis) {
  const auto alone = Compute();
  Produce("CN", 1, 2025);
  Trade("CN", "BR", 1, 2025);
  for (int code = 0; code < 20; ++code) {
    Trade("CN", "BR", 1, 2024, /*basis=*/1, absl::StrCat(810500 + code));
  }
  const auto beside = Compute();
  EXPECT_EQ(beside->reference_year, 2024);
  EXPECT_EQ(beside->estimate.value, alone->estimate.value);
  EXPECT_EQ(beside->estimate.reasons, alone->estimate.reasons);
}

TEST_F(SupplyRiskTest, AMeasureRaisesTheRiskOnTheDayItTakesEffect) {
  Restriction ban;
  ban.imposer = "CN";
  ban.kind = TradeRelation::kBan;
  ban.mineral = kMineral;
  ban.effective = "2026-12-01";
  changes_.restrictions["measures/ban"] = ban;
  const auto before = Model(Parameters()).Apply(changes_, 1);
  Changes next_day;
  next_day.today = "2026-11-30";
  const auto quiet = before->Apply(next_day, 2);
  EXPECT_EQ(quiet->computed_series(), 0);
  next_day.today = "2026-12-01";
  const auto after = quiet->Apply(next_day, 3);
  EXPECT_EQ(after->computed_series(), 1);
  EXPECT_GT(*RiskOf(*after)->estimate.value, *RiskOf(*before)->estimate.value);
  EXPECT_EQ(RiskOf(*after)->changed_revision, 3);
  EXPECT_EQ(RiskOf(*after)->change_cause, ChangeCause::kReal);
  EXPECT_THAT(RiskOf(*after)->inputs, Contains(::testing::Field(&Input::role, "measures/ban")));
}

TEST_F(SupplyRiskTest, SaysWhereEachMeasureAndAgreementComesFrom) {
  Restriction quota;
  quota.imposer = "CN";
  quota.kind = TradeRelation::kQuota;
  quota.mineral = kMineral;
  quota.effective = "2024";
  quota.provenance = {"a notice", "2024", "facts"};
  changes_.restrictions["measures/quota"] = quota;
  changes_.agreements["agreements/cptpp"] = TradeAgreement{{"AU", "JP"}, {}, "2018-12-30", "", {"a treaty", "", ""}};
  const auto source_of = [score = Compute()](const std::string& role) -> std::string {
    for (const Input& input : score->inputs) {
      if (input.role == role) {
        return input.figure.provenance.source;
      }
    }
    return "there is no such input";
  };
  EXPECT_EQ(source_of("measures/quota"), "a notice");
  EXPECT_EQ(source_of("agreements/cptpp"), "a treaty");
}

TEST_F(SupplyRiskTest, FlagsAFormThatIsMissingAndARateOfAnotherRegion) {
  Changes cobalt;
  cobalt.production[{{"minerals/cobalt", kRefine}, {"usgs", "metal", kContained, "all", 2024, "CN"}}] = Of(1);
  cobalt.trade[{{"minerals/cobalt", kRefine}, {"baci", "oxide", "282200", kContained, "all", 2024, "JP", "CN"}}] =
      Of(1);
  cobalt.indicators[{"minerals/cobalt", Indicator::kRecycling, 2020, "EU", "d"}] = IndicatorFact{0.1, {}};
  const auto model = Model(Parameters()).Apply(cobalt, 1);
  const auto score = model->Find({"minerals/cobalt", kRefine, "countries/JP", Method::kEuSupplyRisk2017});
  EXPECT_THAT(score->estimate.reasons,
              AllOf(Contains("MAIN_FORM_MISSING:810520"), Not(Contains("MAIN_FORM_MISSING:2822")),
                    Contains("RECYCLING_REGION:EU"), Contains("SUBSTITUTION_UNKNOWN")));
  EXPECT_THAT(score->hs6, ElementsAre("282200"));
  // What the missing form adds could move it anywhere.
  EXPECT_TRUE(score->estimate.value.has_value());
  EXPECT_EQ(score->estimate.lower, 0);
  EXPECT_FALSE(score->estimate.upper.has_value());
}

TEST_F(SupplyRiskTest, JudgesFormsByTheRowsOfTheImporterAndYearThatItReads) {
  const auto trade = [](Changes& changes, StageNumber stage, const std::string& hs6, const std::string& importer,
                        int year, const std::string& dataset, BasisNumber basis = kContained) {
    changes.trade[{{"minerals/lithium", stage}, {dataset, "", hs6, basis, "", year, importer, "CL"}}] = Of(1);
  };
  const ScoreKey key{"minerals/lithium", kRefine, "countries/JP", Method::kEuSupplyRisk2017};
  Changes lithium;
  trade(lithium, kRefine, "283691", "JP", 2024, "baci");
  auto model = Model(Parameters()).Apply(lithium, 1);
  // Rows of somebody else, another year, another dataset or another basis fill no gap.
  Changes foreign;
  trade(foreign, kRefine, "282520", "BR", 2024, "baci");
  trade(foreign, kRefine, "282520", "JP", 2019, "baci");
  trade(foreign, kRefine, "282520", "JP", 2024, "others");
  model = model->Apply(foreign, 2);
  EXPECT_THAT(model->Find(key)->estimate.reasons,
              AllOf(Contains("MAIN_FORM_MISSING:282520"), Not(Contains("OTHER_BASIS_LEFT_OUT"))));
  Changes gross;
  trade(gross, kRefine, "282520", "JP", 2024, "baci", kGross);
  EXPECT_THAT(model->Apply(gross, 3)->Find(key)->estimate.reasons,
              AllOf(Contains("MAIN_FORM_MISSING:282520"), Contains("OTHER_BASIS_LEFT_OUT")));
  // A code that is filed under another stage is there.
  Changes own;
  trade(own, kRefine + 1, "282520", "JP", 2024, "baci");
  EXPECT_THAT(model->Apply(own, 4)->Find(key)->estimate.reasons, Not(Contains("MAIN_FORM_MISSING:282520")));
}

TEST_F(SupplyRiskTest, NamesADatasetWithNewerImportsOfTheImporter) {
  const auto newer = [this](const std::string& importer) {
    changes_.trade[{{kMineral, kRefine}, {"customs", "", "810520", kContained, "all", 2025, importer, "CN"}}] = Of(1);
  };
  newer("KR");
  EXPECT_THAT(Compute()->estimate.reasons, ElementsAre());
  newer("JP");
  EXPECT_THAT(Compute()->estimate.reasons, ElementsAre("NEWER_DATASET_UNUSED:customs"));
}

TEST_F(SupplyRiskTest, TellsABlocWithoutTradeFromABlocWithoutMembers) {
  changes_.blocs["blocs/EU"] = std::vector<Membership>{{"DE", "1958-01-01", ""}};
  changes_.blocs["blocs/NEW"] = std::vector<Membership>{{"DE", "2030-01-01", ""}};
  EXPECT_THAT(RiskOf(*Model(Parameters()).Apply(changes_, 1), "blocs/NEW")->estimate.reasons,
              ElementsAre("NO_MEMBERS"));
  changes_.trade.clear();
  const auto score = RiskOf(*Model(Parameters()).Apply(changes_, 1), "blocs/EU");
  EXPECT_THAT(score->estimate.reasons, ElementsAre("NO_TRADE"));
  EXPECT_EQ(score->reference_year, 2024);
}

TEST_F(SupplyRiskTest, WhoProducesIsScoredWithoutImports) {
  Produce("JP", 10);
  Produce("CL", 10);
  Govern("CL", 1);
  Trade("CL", "AU", 5);
  const auto model = Model(Parameters()).Apply(changes_, 1);
  const auto exporter = RiskOf(*model, "countries/CL");
  EXPECT_TRUE(exporter->estimate.value.has_value());
  EXPECT_THAT(exporter->estimate.reasons, ElementsAre()) << "what is sold is known, and so nothing is bought";
  changes_.trade.clear();
  const auto closed = RiskOf(*Model(Parameters()).Apply(changes_, 1));
  EXPECT_TRUE(closed->estimate.value.has_value());
  EXPECT_FALSE(closed->estimate.upper.has_value()) << "imports of which nobody knows may be of any size";
  EXPECT_THAT(closed->estimate.reasons, AllOf(Contains("NO_TRADE"), Contains("NO_SOURCING")));
  EXPECT_THAT(RiskOf(*model, "countries/KR")->estimate.reasons, ElementsAre("NO_TRADE"));
}

TEST_F(SupplyRiskTest, DoesNotTakeTheFirstImportsOfAYearForAll) {
  Produce("CN", 80, 2025);
  Produce("AU", 20, 2025);
  Trade("AU", "JP", 50, 2025);
  const auto score = Compute();
  EXPECT_EQ(score->reference_year, 2025);
  EXPECT_THAT(score->estimate.reasons, ElementsAre("IMPORTS_UNKNOWN:CN"));
  EXPECT_FALSE(score->estimate.upper.has_value());
}

TEST_F(SupplyRiskTest, TakesNoFlowsThatVanishTogetherForNothing) {
  changes_.trade.clear();
  for (const char* seller : {"AU", "CN", "CL", "DE", "FI", "FR", "SE", "US", "ZA", "BR", "PE", "ID"}) {
    Trade(seller, "JP", 50, 2023);
  }
  Produce("CN", 80, 2023);
  Trade("AU", "JP", 60);
  const auto score = Compute();
  EXPECT_THAT(score->estimate.reasons, AllOf(Contains("IMPORTS_UNKNOWN:CN"), Contains("IMPORTS_UNKNOWN:ID")));
  EXPECT_FALSE(score->estimate.upper.has_value());
}

TEST_F(SupplyRiskTest, NoticesAFormThatVanishesWhereItsSellerDoesNot) {
  Trade("CN", "JP", 1000, 2023);
  Trade("CN", "JP", 1, 2023, kContained, "282200");
  Produce("CN", 80, 2023);
  Produce("AU", 20, 2023);
  changes_.trade.erase({{kMineral, kRefine}, {"baci", "metal", "810520", kContained, "all", 2024, "JP", "CN"}});
  Trade("CN", "JP", 1, 2024, kContained, "282200");
  EXPECT_THAT(Compute()->estimate.reasons, Contains("IMPORTS_UNKNOWN:CN"));
}

TEST_F(SupplyRiskTest, OwnOutputThatIsNotToldOfYetMayBeAny) {
  Produce("JP", 500, 2023);
  Produce("CN", 80, 2023);
  const auto untold = Compute();
  EXPECT_THAT(untold->estimate.reasons, Contains("OUTPUT_UNKNOWN:JP"));
  Produce("JP", 500);
  const auto told = Compute();
  EXPECT_LE(untold->estimate.lower, *told->estimate.value);
}

TEST_F(SupplyRiskTest, KeepsTheScoreOfWhoProducesWithoutTrade) {
  Produce("JP", 10);
  changes_.trade.clear();
  EXPECT_EQ(Model(Parameters())
                .Apply(changes_, 1)
                ->scores()
                .count({kMineral, kRefine, "countries/JP", Method::kEuSupplyRisk2017}),
            1U);
}

TEST_F(SupplyRiskTest, NotesOfWhichYearItsMeasuresAre) {
  changes_.restrictions["measures/ban"] =
      Restriction{"CN", TradeRelation::kBan, kMineral, "", 0, {}, {}, "2025-06-01", "", "", "", {}};
  const auto score = Compute();
  EXPECT_THAT(score->notes, Contains("MEASURES_YEAR:2026"));
  const auto measure = std::find_if(score->inputs.begin(), score->inputs.end(),
                                    [](const Input& input) { return input.role == "measures/ban"; });
  ASSERT_NE(measure, score->inputs.end());
  EXPECT_EQ(measure->year, 2025);
}

TEST_F(SupplyRiskTest, NotesInputsOfOtherYearsThanItsOwn) {
  const auto score = Compute();
  EXPECT_THAT(score->notes, ElementsAre("GOVERNANCE_YEAR:2023", "RECYCLING_YEAR:2020", "SUBSTITUTION_YEAR:2020"));
  EXPECT_THAT(score->estimate.reasons, ElementsAre());
  changes_.governance[{"CN", 2024, "wgi"}] = GovernanceFact{{0, 0, 0, 0, 0, 0}, {}};
  changes_.governance[{"AU", 2024, "wgi"}] = GovernanceFact{{0, 0, 0, 0, 0, 0}, {}};
  const ScoreKey weighted{kMineral, kRefine, "", Method::kHhiGovernance};
  EXPECT_THAT(Model(Parameters()).Apply(changes_, 1)->Find(weighted)->notes, ElementsAre());
}

TEST_F(SupplyRiskTest, NotesAnExporterWithoutProduction) {
  Govern("SG", 2);
  Govern("FI", 1);
  Trade("SG", "JP", 5);
  Trade("FI", "JP", 5);
  Trade("ZZ", "JP", 5);
  Produce("FI", std::nullopt);
  EXPECT_THAT(Compute()->notes, AllOf(Contains("POSSIBLE_REEXPORT:SG"), Not(Contains("POSSIBLE_REEXPORT:FI")),
                                      Not(Contains("POSSIBLE_REEXPORT:CN")), Not(Contains("POSSIBLE_REEXPORT:ZZ"))));
  EXPECT_THAT(Compute()->estimate.reasons, ElementsAre("OUTPUT_UNKNOWN:FI"));
  Produce("SG", 0);
  EXPECT_THAT(Compute()->notes, Contains("POSSIBLE_REEXPORT:SG"));
  changes_.production.clear();
  EXPECT_THAT(Compute()->notes, Not(Contains("POSSIBLE_REEXPORT:SG"))) << "nobody's production is known";
}

TEST_F(SupplyRiskTest, SaysWhatIsUnknownOfACountry) {
  Trade("FI", "JP", std::nullopt);
  Produce("KR", std::nullopt);
  EXPECT_THAT(Compute()->estimate.reasons, AllOf(Contains("IMPORTS_UNKNOWN:FI"), Contains("OUTPUT_UNKNOWN:KR")));
  const auto exports =
      Model(Parameters()).Apply(changes_, 1)->Find({kMineral, kRefine, "", Method::kHhiGovernanceExports});
  EXPECT_THAT(exports->estimate.reasons, Contains("EXPORTS_UNKNOWN:FI"));
}

TEST_F(SupplyRiskTest, JudgesTheScopeByTheRowsOfTheImporter) {
  const auto magnets = [this](const std::string& importer) {
    changes_.trade[{{kMineral, kRefine}, {"baci", "", "810520", kContained, "magnets", 2024, importer, "CN"}}] = Of(1);
  };
  magnets("DE");
  EXPECT_THAT(Compute()->estimate.reasons, ElementsAre());
  magnets("JP");
  EXPECT_THAT(Compute()->estimate.reasons, Contains("SCOPE_MISMATCH"));
}

TEST_F(SupplyRiskTest, IsComputedOnRequestForAnImporterThatIsNotConfigured) {
  Trade("CN", "DE", 10);
  const auto model = Model(Parameters()).Apply(changes_, 1);
  EXPECT_EQ(model->scores().count({kMineral, kRefine, "countries/DE", Method::kEuSupplyRisk2017}), 0U);
  EXPECT_TRUE(RiskOf(*model, "countries/DE")->estimate.value.has_value());
  const auto nobody = RiskOf(*model, "countries/FR");
  EXPECT_FALSE(nobody->estimate.value.has_value());
  EXPECT_THAT(nobody->estimate.reasons, ElementsAre("NO_TRADE"));
}

TEST_F(SupplyRiskTest, SaysWhyAScoreChanged) {
  const auto first = Model(Parameters()).Apply(changes_, 1);
  Changes restated;
  restated.production[{{kMineral, kRefine}, {"usgs", "metal", kContained, "all", 2024, "CN"}}] = Of(90);
  const auto second = first->Apply(restated, 2);
  EXPECT_EQ(RiskOf(*second)->change_cause, ChangeCause::kRestated);
  Changes new_year;
  for (const char* country : {"CN", "AU"}) {
    new_year.production[{{kMineral, kRefine}, {"usgs", "metal", kContained, "all", 2025, country}}] = Of(50);
  }
  const auto third = second->Apply(new_year, 3);
  const ScoreKey hhi{kMineral, kRefine, "", Method::kHhi};
  EXPECT_EQ(third->Find(hhi)->change_cause, ChangeCause::kNewYear);
  Changes scope;
  scope.production[{{kMineral, kRefine}, {"usgs-mcs-2026", "metal", kContained, "all", 2025, "CN"}}] = Of(50);
  EXPECT_EQ(third->Apply(scope, 4)->Find(hhi)->change_cause, ChangeCause::kScope);
}

TEST_F(SupplyRiskTest, ExportsAreWeighedLikeOutputOnRequest) {
  Parameters parameters;
  parameters.world_trade_datasets = {"ba*"};
  const auto model = Model(parameters).Apply(changes_, 1);
  const ScoreKey key{kMineral, kRefine, "", Method::kHhiGovernanceExports};
  const auto score = model->Find(key);
  EXPECT_NEAR(*score->estimate.value, 10'000 * (.25 * .5 + .25 * .2), 1e-9);
  EXPECT_THAT(score->estimate.reasons, ElementsAre());
  EXPECT_TRUE(score->estimate.upper.has_value());
  EXPECT_EQ(model->scores().count(key), 0U);
}

TEST_F(SupplyRiskTest, ExportsOfADatasetThatMayLackCountriesHaveNoBounds) {
  const auto model = Model(Parameters()).Apply(changes_, 1);
  const auto score = model->Find({kMineral, kRefine, "", Method::kHhiGovernanceExports});
  EXPECT_TRUE(score->estimate.value.has_value());
  EXPECT_THAT(score->estimate.reasons, ElementsAre("EXPORTS_PARTIAL"));
  EXPECT_EQ(score->estimate.lower, 0);
  EXPECT_FALSE(score->estimate.upper.has_value());
  EXPECT_EQ(score->band, Band::kUnspecified);
}

TEST_F(SupplyRiskTest, TheNormalizedIndexTakesItsNumberOfSuppliersFromTheKey) {
  const auto model = Model(Parameters()).Apply(changes_, 1);
  const auto score = model->Find({kMineral, kRefine, "", Method::kHhiNormalized, 10});
  EXPECT_NEAR(*score->estimate.value, (.68 - .1) / .9, 1e-12);
  EXPECT_EQ(score->key.normalization_n, 10);
}

}  // namespace
}  // namespace orewatch::risk
