// GeoPolRisk as the authors' library computes it, from the same figures imported into a scratch registry and asked of
// the risk service: every importer and the EU, twelve materials.
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "tests/oracle/reference.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

constexpr double kTolerance = 1e-9;
constexpr double kFactorTolerance = 1e-6;
// The library's trade has Germany and Belgium under codes (280 and 58) that neither its production nor its list of the
// EU's members knows: to it, as traders, they are countries apart, which produce nothing and are outside the EU.
const std::map<std::string, std::string>& TradersApart() {
  static const auto* const kCodes = new std::map<std::string, std::string>{{"BEL", "XB"}, {"DEU", "XD"}};
  return *kCodes;
}
// No material's own code.
constexpr char kForeignCode[] = "999999";

std::string IdOf(const std::string& material) { return absl::AsciiStrToLower(material); }

std::string StatisticEntry(int year, const std::string& series, const std::string& tonnes = "") {
  const std::string quantity =
      tonnes.empty() ? "" : absl::StrCat("quantity { tonnes: ", tonnes, " basis: BASIS_GROSS } ");
  return absl::StrCat("statistic { dataset: 'peer' year: ", year, " ", series, " ", quantity,
                      "provenance { source: 'the reference data' } }");
}

class GeoPolRiskOracleTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::filesystem::exists(ReferenceDir())) {
      world_ = std::make_unique<World>();
    }
  }
  static void TearDownTestSuite() { world_.reset(); }
  void SetUp() override {
    if (world_ == nullptr) {
      GTEST_SKIP() << "skipped: no reference data in " << ReferenceDir() << " (OREWATCH_ORACLE_DIR)";
    }
  }

  // The inputs of the reference, beside what its parameters leave out: other countries, and a code of no material.
  class World {
   public:
    World() {
      const Finished import = RunToEnd(
          {.program = "orewatchctl",
           .arguments = {"--address", suite.process().address(), "import", "data/countries.csv", "data/blocs.csv"}});
      EXPECT_EQ(import.code, 0) << import.output;
      for (const ReferenceRow& row : ReadReference("oracle_open_2024_material_map.csv")) {
        codes[row.at("raw_material")] = row.at("hs6");
        AddMineral(row.at("raw_material"));
      }
      AddProduction();
      AddOtherCountries();
      AddTrade();
      AddStability();
      for (const auto& [alpha3, apart] : TradersApart()) {
        resources_.push_back(CountryEntry(apart));
      }
      ImportAll(suite.registry, resources_);
      revision = ImportAll(suite.registry, statistics_);
    }
    std::string ImporterOf(const ReferenceRow& row) const {
      return row.at("importer_iso3") == "EU27" ? "blocs/EU" : "countries/" + TraderOf(row.at("importer_iso3"));
    }

    EmbeddedSuite suite;
    int64_t revision = 0;
    std::map<std::string, std::string> codes;

   private:
    std::string Alpha2Of(const std::string& code) const { return code == "S19" ? "TW" : alpha2_.at(code); }
    std::string TraderOf(const std::string& code) const {
      const auto apart = TradersApart().find(code);
      return apart != TradersApart().end() ? apart->second : Alpha2Of(code);
    }
    void AddMineral(const std::string& material) { resources_.push_back(MineralEntry(IdOf(material))); }
    void AddOutput(const std::string& material, const std::string& country, const std::string& tonnes) {
      statistics_.push_back(StatisticEntry(2024,
                                           absl::StrCat("production { mineral: 'minerals/", IdOf(material),
                                                        "' stage: STAGE_MINE country: '", country, "' }"),
                                           tonnes));
    }
    void AddFlow(const std::string& material, const std::string& code, const std::string& from, const std::string& to,
                 const std::string& tonnes, const std::string& usd) {
      statistics_.push_back(
          StatisticEntry(2024,
                         absl::StrCat("trade { mineral: 'minerals/", IdOf(material), "' stage: STAGE_MINE hs6: '", code,
                                      "' exporter: '", from, "' importer: '", to, "' value_usd: ", usd, " }"),
                         tonnes));
    }
    void AddProduction() {
      for (const ReferenceRow& row : ReadReference("oracle_open_2024_production_inputs.csv")) {
        AddOutput(row.at("raw_material"), Alpha2Of(row.at("iso3")), row.at("tonnes"));
      }
    }
    void AddOtherCountries() {
      for (const auto& [material, code] : codes) {
        AddOutput(material, "ZZ", "1000");
      }
    }
    void AddTrade() {
      for (const ReferenceRow& row : ReadReference("oracle_open_2024_trade_inputs.csv")) {
        const std::string usd = absl::StrCat(row.at("cifvalue"), "e3");
        AddFlow(row.at("rawMaterial"), row.at("cmdCode"), TraderOf(row.at("partnerISO")),
                TraderOf(row.at("reporterISO")), row.at("qty"), usd);
        if (!row.at("partnerWGI").empty()) {
          partners_.insert(row.at("partnerISO"));
        }
      }
      for (const auto& [material, code] : codes) {
        AddFlow(material, kForeignCode, "CN", "JP", "1e9", "1");
      }
    }
    // The other five estimates are such that they would show.
    void AddStability() {
      for (const ReferenceRow& row : ReadReference("wgi_country_year_scaled.csv")) {
        if (row.at("year") == "2023" && partners_.contains(row.at("iso3"))) {
          statistics_.push_back(StatisticEntry(
              2023, absl::StrCat("governance { country: '", TraderOf(row.at("iso3")), "' political_stability: ",
                                 row.at("pv"), " voice_accountability: 2.5 government_effectiveness: 2.5 ",
                                 "regulatory_quality: 2.5 rule_of_law: 2.5 control_of_corruption: 2.5 }")));
        }
      }
    }

    const std::map<std::string, std::string> alpha2_ = Alpha2ByAlpha3();
    std::set<std::string> partners_;
    std::vector<std::string> resources_;
    std::vector<std::string> statistics_;
  };

  static risk::v1::Score ScoreOf(const ReferenceRow& row) {
    risk::v1::GetScoreRequest request;
    *request.mutable_key() = MineHhi(IdOf(row.at("raw_material")));
    request.mutable_key()->set_method(risk::v1::METHOD_GEOPOLRISK_2024);
    request.mutable_key()->set_importer(world_->ImporterOf(row));
    auto& parameters = *request.mutable_options()->mutable_geopolrisk();
    parameters.set_name("the-peers");
    parameters.set_named_only(true);
    parameters.add_hs6(world_->codes.at(row.at("raw_material")));
    request.set_min_revision(world_->revision);
    const auto score = Call(world_->suite.risk, &RiskStub::GetScore, request);
    EXPECT_TRUE(score.ok()) << score.status();
    return score.value_or(risk::v1::Score());
  }
  static double Part(const risk::v1::Score& score, const std::string& name) {
    for (const auto& component : score.components()) {
      if (component.name() == name && component.has_value()) {
        return component.value();
      }
    }
    return std::nan("");
  }
  // Empty: as the reference has it.
  static std::string DifferenceIn(const risk::v1::Score& score, const ReferenceRow& row) {
    std::string difference;
    const auto compare = [&](const std::string& what, double value, double tolerance) {
      // Written so that what is no number differs.
      if (!(std::abs(value - NumberOf(row.at(what))) <= tolerance)) {
        absl::StrAppend(&difference, row.at("raw_material"), " ", row.at("importer_iso3"), " ", what, ": ", value,
                        " instead of ", row.at(what), "; ");
      }
    };
    compare("hhi", Part(score, "hhi"), kTolerance);
    compare("import_risk_wta", Part(score, "import_risk"), kTolerance);
    compare("geopolrisk_score", score.has_value() ? score.value() : std::nan(""), kTolerance);
    compare("cf_kg_cu_eq", Part(score, "characterisation_factor"), kFactorTolerance);
    return difference;
  }

  static std::unique_ptr<World> world_;
};

std::unique_ptr<GeoPolRiskOracleTest::World> GeoPolRiskOracleTest::world_;

TEST_F(GeoPolRiskOracleTest, EveryImporterOfEveryMaterialThatTradesIsAsInTheLibrary) {
  std::vector<std::string> differing;
  std::set<std::string> materials;
  int compared = 0;
  int blocs = 0;
  for (const ReferenceRow& row : ReadReference("oracle_geopolrisk_open_2024.csv")) {
    if (NumberOf(row.at("total_trade_t")) == 0) {
      continue;
    }
    materials.insert(row.at("raw_material"));
    ++compared;
    blocs += row.at("importer_iso3") == "EU27" ? 1 : 0;
    if (std::string difference = DifferenceIn(ScoreOf(row), row); !difference.empty()) {
      differing.push_back(std::move(difference));
    }
  }
  EXPECT_THAT(differing, IsEmpty());
  EXPECT_EQ(materials.size(), 12U);
  EXPECT_EQ(blocs, 12);
  EXPECT_GE(compared, 1200);
}

// The library scores them 0, as if nobody could be safer.
TEST_F(GeoPolRiskOracleTest, WhoTradesNothingIsUnset) {
  int asked = 0;
  for (const ReferenceRow& row : ReadReference("oracle_geopolrisk_open_2024.csv")) {
    if (NumberOf(row.at("total_trade_t")) != 0) {
      continue;
    }
    ++asked;
    EXPECT_EQ(NumberOf(row.at("geopolrisk_score")), 0);
    const risk::v1::Score score = ScoreOf(row);
    EXPECT_FALSE(score.has_value()) << row.at("raw_material") << row.at("importer_iso3");
    EXPECT_EQ(score.completeness().state(), type::v1::Completeness::STATE_UNSET);
    EXPECT_THAT(score.completeness().reasons(), Contains("NO_TRADE"));
  }
  EXPECT_GT(asked, 0);
}

TEST_F(GeoPolRiskOracleTest, ThePeersParametersAreEchoedAndNeverTheDefault) {
  const ReferenceRow row = ReadReference("oracle_geopolrisk_open_2024.csv").front();
  const risk::v1::Score theirs = ScoreOf(row);
  EXPECT_EQ(theirs.parameter_set(), "default+the-peers");
  EXPECT_EQ(theirs.parameters().name(), "the-peers");
  EXPECT_THAT(theirs.notes(), Contains("OTHERS_LEFT_OUT"));
  risk::v1::GetScoreRequest request;
  *request.mutable_key() = theirs.key();
  const auto ours = Call(world_->suite.risk, &RiskStub::GetScore, request);
  ASSERT_TRUE(ours.ok()) << ours.status();
  EXPECT_EQ(ours->parameter_set(), "default");
  EXPECT_LT(ours->value(), theirs.value()) << "other countries count in the whole";
}

}  // namespace
}  // namespace orewatch::testing
