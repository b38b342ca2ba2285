// Cases worked by hand or by a peer, put to the running suite as a user would: figures into the registry, questions to
// risk.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

constexpr char kSource[] = " provenance { source: 'a worked case' } ";

std::string Figure(const std::string& series) {
  return absl::StrCat("statistic { dataset: 'worked' year: 2024 ", series, kSource, "}");
}

std::string Tonnes(double tonnes) {
  return absl::StrFormat(" quantity { tonnes: %.17g basis: BASIS_CONTAINED } ", tonnes);
}

std::string Output(const std::string& country, double tonnes) {
  return Figure(
      absl::StrCat("production { mineral: 'minerals/m' stage: STAGE_MINE country: '", country, "' }", Tonnes(tonnes)));
}

std::string Import(const std::string& from, double tonnes) {
  return Figure(absl::StrCat("trade { mineral: 'minerals/m' stage: STAGE_MINE hs6: '260200' exporter: '", from,
                             "' importer: 'JP' }", Tonnes(tonnes)));
}

// All six estimates alike: a risk of 5 - 2 * estimate on 0 to 10.
std::string Governance(const std::string& country, double estimate) {
  std::string entry = absl::StrCat("governance { country: '", country, "' ");
  for (const char* part : {"voice_accountability", "political_stability", "government_effectiveness",
                           "regulatory_quality", "rule_of_law", "control_of_corruption"}) {
    absl::StrAppend(&entry, part, ": ", estimate, " ");
  }
  return Figure(absl::StrCat(entry, "} "));
}

std::string Rate(const std::string& indicator, double value, const std::string& region) {
  return Figure(absl::StrCat("indicator { subject: 'minerals/m' indicator: '", indicator, "' value: ", value,
                             " unit: 'fraction' region: '", region, "' } "));
}

double PartOf(const risk::v1::Score& score, const std::string& name) {
  for (const auto& component : score.components()) {
    if (component.name() == name && component.has_value()) {
      return component.value();
    }
  }
  ADD_FAILURE() << "no " << name << ": " << score.DebugString();
  return 0;
}

std::vector<std::string> FiguresOfTwoCountries() {
  return {Output("AA", 80),
          Output("BB", 20),
          Output("JP", 0),
          Import("AA", 50),
          Import("BB", 50),
          Governance("AA", -0.5),
          Governance("BB", 1.5),
          Rate("eol-recycling-input-rate", 0.1, "JP"),
          Rate("substitution-index-supply-risk", 0.9, "JP")};
}

// Global supply 0.8 from a country of risk 6 and 0.2 from one of risk 2, imports in equal parts, all imported, a tenth
// recycled, substitution 0.9: ((0.64 * 6 + 0.04 * 2) / 2 + (0.25 * 6 + 0.25 * 2) / 2) * 0.9 * 0.9.
TEST(WorkedCasesTest, EuSupplyRiskOfTwoCountries) {
  EmbeddedSuite suite;
  ImportAll(suite.registry, {MineralEntry("m"), CountryEntry("AA"), CountryEntry("BB"), CountryEntry("JP")});
  risk::v1::GetScoreRequest request;
  request.set_min_revision(ImportAll(suite.registry, FiguresOfTwoCountries()));
  *request.mutable_key() = MineHhi("m");
  request.mutable_key()->set_method(risk::v1::METHOD_EU_SUPPLY_RISK_2017);
  request.mutable_key()->set_importer("countries/JP");
  const auto score = Call(suite.risk, &RiskStub::GetScore, request);
  ASSERT_TRUE(score.ok()) << score.status();
  EXPECT_NEAR(score->value(), 2.3976, 1e-12) << score->DebugString();
  EXPECT_THAT(score->completeness().reasons(), ::testing::IsEmpty());
}

// Six tenths of use in a sector that adds 150, four in one that adds 50, the largest adds 200, substitution 0.9:
// 10 * (0.6 * 150 + 0.4 * 50) / 200 * 0.9. With a supply risk of 2.4 the material is critical.
TEST(WorkedCasesTest, EuEconomicImportanceOfTwoSectors) {
  EmbeddedSuite suite;
  ImportAll(suite.registry, {MineralEntry("m"), CountryEntry("AA"), CountryEntry("BB"), CountryEntry("JP")});
  std::vector<std::string> figures = FiguresOfTwoCountries();
  for (const auto& [sector, share] : std::vector<std::pair<std::string, double>>{{"c24", 0.6}, {"c27", 0.4}}) {
    figures.push_back(Rate(absl::StrCat("end-use-share-", sector), share, "JP"));
  }
  for (const auto& [sector, added] :
       std::vector<std::pair<std::string, double>>{{"c10", 200}, {"c24", 150}, {"c27", 50}}) {
    figures.push_back(Figure(absl::StrCat("indicator { subject: 'countries/JP' indicator: 'value-added-", sector,
                                          "' value: ", added, " unit: 'JPY billion' } ")));
  }
  figures.push_back(Rate("substitution-index-economic-importance", 0.9, "JP"));
  risk::v1::GetScoreRequest request;
  request.set_min_revision(ImportAll(suite.registry, figures));
  request.mutable_key()->set_subject("minerals/m");
  request.mutable_key()->set_method(risk::v1::METHOD_EU_ECONOMIC_IMPORTANCE_2017);
  request.mutable_key()->set_importer("countries/JP");
  const auto score = Call(suite.risk, &RiskStub::GetScore, request);
  ASSERT_TRUE(score.ok()) << score.status();
  EXPECT_NEAR(score->value(), 4.95, 1e-12) << score->DebugString();
  EXPECT_THAT(score->completeness().reasons(), ::testing::IsEmpty());
  EXPECT_NEAR(PartOf(*score, "supply_risk"), 2.3976, 1e-12);
  EXPECT_EQ(PartOf(*score, "critical"), 1);
}

// Manganese, USA 2022, of the test workbook of geopolrisk-py (github.com/akoyamp/geopolrisk-py): HHI 0.2035183, import
// risk 0.5451887, 0.4007349 USD/kg, and of them a score of 0.1109559 and a factor of 0.1086040. The workbook's rows are
// not for publication: these figures are made up, so that they have its HHI, import risk and price.
TEST(WorkedCasesTest, GeoPolRiskOfManganeseForTheUnitedStates) {
  constexpr double kDigits = 1e-7;
  constexpr double kUsdPerTonne = 400.7349;
  const auto of_2022 = [](const std::string& entry) {
    return absl::StrReplaceAll(entry, {{"year: 2024", "year: 2022"}});
  };
  std::vector<std::string> places = {MineralEntry("m"), CountryEntry("US")};
  std::vector<std::string> figures;
  for (const auto& [country, tonnes] : std::vector<std::pair<std::string, double>>{{"AU", 3108815},
                                                                                   {"BR", 971505},
                                                                                   {"CI", 777204},
                                                                                   {"CN", 1360107},
                                                                                   {"GA", 4468922},
                                                                                   {"GH", 1165806},
                                                                                   {"IN", 777204},
                                                                                   {"MX", 0},
                                                                                   {"UA", 582903},
                                                                                   {"ZA", 6787536}}) {
    places.push_back(CountryEntry(country));
    figures.push_back(of_2022(Output(country, tonnes)));
  }
  struct Flow {
    const char* from;
    double tonnes;
    double stability;
  };
  for (const Flow& flow :
       {Flow{"AU", 60000, 0.9}, Flow{"GA", 330000, -0.2}, Flow{"MX", 40000, -0.8}, Flow{"ZA", 112129.472, -0.7}}) {
    figures.push_back(of_2022(Governance(flow.from, flow.stability)));
    figures.push_back(of_2022(absl::StrReplaceAll(
        Import(flow.from, flow.tonnes),
        {{"importer: 'JP'", absl::StrFormat("importer: 'US' value_usd: %.17g", flow.tonnes * kUsdPerTonne)}})));
  }
  EmbeddedSuite suite;
  ImportAll(suite.registry, places);
  risk::v1::GetScoreRequest request;
  request.set_min_revision(ImportAll(suite.registry, figures));
  *request.mutable_key() = MineHhi("m");
  request.mutable_key()->set_method(risk::v1::METHOD_GEOPOLRISK_2024);
  request.mutable_key()->set_importer("countries/US");
  const auto score = Call(suite.risk, &RiskStub::GetScore, request);
  ASSERT_TRUE(score.ok()) << score.status();
  EXPECT_EQ(score->reference_year(), 2022);
  EXPECT_NEAR(PartOf(*score, "hhi"), .2035183, kDigits);
  EXPECT_NEAR(PartOf(*score, "import_risk"), .5451887, kDigits);
  EXPECT_NEAR(PartOf(*score, "price"), .4007349, kDigits);
  EXPECT_NEAR(score->value(), .1109559, kDigits) << score->DebugString();
  EXPECT_NEAR(PartOf(*score, "characterisation_factor"), .1086040, kDigits);
  EXPECT_THAT(score->completeness().reasons(), ::testing::IsEmpty());
}

std::string Resource(const std::string& kind, const std::string& name, const std::string& more) {
  return absl::StrCat(kind, " { name: '", name, "' ", more, kSource, "}");
}

// Uses a tonne a day of what its supplier makes, and keeps some days of it.
std::string Plant(const std::string& name, const std::string& uses, int days, const std::string& makes) {
  const std::string input = uses.empty()
                                ? ""
                                : absl::StrCat("inputs { mineral: 'minerals/m' product: '", uses,
                                               "' use_tonnes_per_day: 1 stock_tonnes: ", days, " essential: true } ");
  const std::string output =
      makes.empty() ? "" : absl::StrCat("outputs { mineral: 'minerals/m' stage: STAGE_MINE product: '", makes, "' } ");
  return Resource("facility", absl::StrCat("suppliers/", name, "/facilities/plant"),
                  absl::StrCat("country: 'countries/AA' ", input, output));
}

std::string Supply(const std::string& from, const std::string& to, const std::string& product) {
  return Resource("link", absl::StrCat("links/", from, "-", to),
                  absl::StrCat("from: 'suppliers/", from, "/facilities/plant' to: 'suppliers/", to,
                               "/facilities/plant' mineral: 'minerals/m' product: '", product,
                               "' share: 1 verification: VERIFICATION_VERIFIED "));
}

// Mine, refiner, alloy and magnet, whose finished stocks last 7, 10, 20 and 15 days and lie with who receives them. The
// figures are `chain_tts` and `chain_lost60` of the simulation that the reference data hold.
TEST(WorkedCasesTest, DaysAndLossesOfAChainOfFour) {
  EmbeddedSuite suite;
  std::vector<std::string> entries = {MineralEntry("m"), CountryEntry("AA")};
  for (const char* name : {"mine", "refiner", "alloy", "magnet", "buyer"}) {
    entries.push_back(Resource("supplier", absl::StrCat("suppliers/", name), ""));
  }
  entries.insert(
      entries.end(),
      {Plant("mine", "", 0, "ore"), Plant("refiner", "ore", 7, "metal"), Plant("alloy", "metal", 10, "strip"),
       Plant("magnet", "strip", 20, "magnets"), Plant("buyer", "magnets", 15, ""), Supply("mine", "refiner", "ore"),
       Supply("refiner", "alloy", "metal"), Supply("alloy", "magnet", "strip"), Supply("magnet", "buyer", "magnets"),
       Resource("requirement", "requirements/buyer",
                "holder: 'suppliers/buyer/facilities/plant' mineral: 'minerals/m' product: 'magnets' "
                "year: 2026 quantity { tonnes: 365 basis: BASIS_GROSS } ")});
  risk::v1::GetTimeToSurviveRequest request;
  request.set_min_revision(ImportAll(suite.registry, entries));
  request.set_subject("requirements/buyer");
  request.set_outage_days(60);
  for (const auto& [lost, days] :
       std::vector<std::pair<std::string, double>>{{"mine", 52}, {"refiner", 45}, {"alloy", 35}, {"magnet", 15}}) {
    request.set_lost(absl::StrCat("suppliers/", lost, "/facilities/plant"));
    const auto survival = Call(suite.risk, &RiskStub::GetTimeToSurvive, request);
    ASSERT_TRUE(survival.ok()) << survival.status();
    EXPECT_EQ(survival->days(), days) << lost << survival->DebugString();
    EXPECT_EQ(survival->lost_tonnes().lower(), 60 - days) << lost;
    EXPECT_EQ(survival->lost_tonnes().upper(), 60 - days) << lost;
  }
}

}  // namespace
}  // namespace orewatch::testing
