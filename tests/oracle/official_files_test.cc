// The files of publishers, whole, through orewatchctl into a running registry: what it then answers against an
// independent reading of them, row by row.
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "services/ctl/import/official/usgs_value.h"
#include "tests/oracle/reference.h"
#include "tests/testing/registry_files.h"

namespace orewatch::testing {
namespace {

using registry::v1::Statistic;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kUsgsFile[] = "raw/MCS2026_Commodities_Data.csv";
constexpr char kWgiFile[] = "raw/wgidataset.csv";
constexpr char kUsgsReading[] = "usgs_mcs2026_world.csv";
constexpr char kWgiReading[] = "wgi_country_year_scaled.csv";
constexpr absl::string_view kUsgsSource = "USGS MCS 2026 data release, ";

std::string PathOf(const std::string& file) { return absl::StrCat(ReferenceDir(), "/", file); }

// A registry into which the official files came, over the bundled data (true) or into nothing.
class OfficialFilesTest : public ::testing::TestWithParam<bool> {
 protected:
  static void TearDownTestSuite() { registries_.clear(); }

  void SetUp() override {
    for (const char* file : {kUsgsFile, kWgiFile, kUsgsReading, kWgiReading}) {
      if (!std::filesystem::exists(PathOf(file))) {
        GTEST_SKIP() << PathOf(file) << " is not there (OREWATCH_ORACLE_DIR)";
      }
    }
    std::unique_ptr<LoneRegistry>& registry = registries_[GetParam()];
    if (registry == nullptr) {
      registry = std::make_unique<LoneRegistry>();
      if (GetParam()) {
        registry->ImportFiles({"data"});
      }
      const int64_t head = registry->Head();
      EXPECT_THAT(registry->Ctl({"import", PathOf("raw"), "--validate_only"}).output, HasSubstr("rejected 0, "));
      EXPECT_EQ(registry->Head(), head) << "a dry run changes nothing";
      EXPECT_THAT(registry->ImportFiles({PathOf("raw")}), Not(HasSubstr("created 0, ")));
    }
    registry_ = registry.get();
  }

  std::vector<Statistic> UsgsFigures() const {
    std::vector<Statistic> figures = registry_->Statistics(registry::v1::STATISTIC_KIND_PRODUCTION);
    figures.erase(std::remove_if(figures.begin(), figures.end(),
                                 [](const Statistic& figure) { return figure.dataset() != "usgs-mcs-2026"; }),
                  figures.end());
    return figures;
  }

  LoneRegistry* registry_ = nullptr;

 private:
  static std::map<bool, std::unique_ptr<LoneRegistry>> registries_;
};

std::map<bool, std::unique_ptr<LoneRegistry>> OfficialFilesTest::registries_;

INSTANTIATE_TEST_SUITE_P(Import, OfficialFilesTest, ::testing::Bool(),
                         [](const auto& over) { return over.param ? "OverTheBundledData" : "IntoNothing"; });

// Place in the file (commodity and detail), year and country.
using Place = std::tuple<std::string, std::string, std::string>;

// By the place that the source of a figure names.
std::map<Place, Statistic> ByPlace(const std::vector<Statistic>& figures) {
  std::map<Place, Statistic> places;
  for (const Statistic& figure : figures) {
    const std::string year = absl::StrCat(figure.year());
    absl::string_view place = figure.provenance().source();
    EXPECT_TRUE(absl::ConsumePrefix(&place, kUsgsSource)) << place;
    place = absl::StripSuffix(place.substr(0, place.find(absl::StrCat(", ", year, ", "))), absl::StrCat(", ", year));
    const auto [at, is_new] = places.try_emplace({std::string(place), year, figure.production().country()}, figure);
    // A sum that has only one part has the place of its part.
    EXPECT_TRUE(is_new || figure.production().mineral() == "minerals/titanium") << place;
    at->second = is_new || figure.production().product() == "titanium-concentrates" ? at->second : figure;
  }
  return places;
}

bool IsMass(const ReferenceRow& row) { return ctl::MassExponent(row.at("unit")).has_value(); }

// Production of a country or of other countries; those that are no masses are left out.
std::vector<ReferenceRow> UsgsProduction() {
  std::vector<ReferenceRow> rows = ReadReference(kUsgsReading);
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [](const ReferenceRow& row) {
                              return row.at("statistic") != "Production" || row.at("row_kind") == "world";
                            }),
             rows.end());
  return rows;
}

Place PlaceOf(const ReferenceRow& row, const std::map<std::string, std::string>& alpha2) {
  return {absl::StrCat(row.at("commodity"), ": ", row.at("detail")), row.at("year"),
          row.at("row_kind") == "other" ? "ZZ" : alpha2.at(row.at("iso3"))};
}

// The independent reading takes the word `estimated` anywhere in a note for the mark of an estimate.
bool MarkIsMisread(const ReferenceRow& row) {
  const std::string& commodity = row.at("commodity");
  return (commodity == "Arsenic" && (row.at("iso3") == "USA" || row.at("iso3") == "JPN")) ||
         ((commodity == "Gallium" || commodity == "Soda Ash") && row.at("row_kind") == "other");
}

void ExpectFigure(const ReferenceRow& row, const Statistic& figure, const std::string& what) {
  const auto& quantity = figure.quantity();
  const std::string& flag = row.at("value_flag");
  double tonnes = 0;
  ASSERT_EQ(absl::SimpleAtod(row.at("tonnes"), &tonnes), quantity.has_tonnes()) << what;
  // Kilograms were multiplied by 0.001 there, which rounds twice.
  EXPECT_DOUBLE_EQ(quantity.tonnes(), tonnes) << what;
  EXPECT_EQ(quantity.withheld(), flag == "withheld") << what;
  EXPECT_EQ(flag == "nil", quantity.has_tonnes() && quantity.tonnes() == 0) << what;
  EXPECT_TRUE(quantity.estimated() == (row.at("estimated") == "1") || MarkIsMisread(row)) << what;
}

TEST_P(OfficialFilesTest, EveryFigureOfWorldProductionIsThatOfAnIndependentReading) {
  const std::map<Place, Statistic> figures = ByPlace(UsgsFigures());
  const std::map<std::string, std::string> alpha2 = Alpha2ByAlpha3();
  size_t masses = 0;
  for (const ReferenceRow& row : UsgsProduction()) {
    const Place place = PlaceOf(row, alpha2);
    const std::string what =
        absl::StrCat(std::get<0>(place), ", ", std::get<2>(place), " ", row.at("year"), ": ", row.at("value"));
    const auto found = figures.find(place);
    ASSERT_EQ(found != figures.end(), IsMass(row)) << what;
    if (found != figures.end()) {
      ExpectFigure(row, found->second, what);
      ++masses;
    }
  }
  EXPECT_GT(masses, 1900U);
}

TEST_P(OfficialFilesTest, ProductionOf76CommoditiesLands) {
  std::set<std::string> commodities;
  for (const auto& [place, figure] : ByPlace(UsgsFigures())) {
    commodities.insert(std::get<0>(place).substr(0, std::get<0>(place).find(": ")));
  }
  EXPECT_GE(commodities.size(), 76U);
}

TEST_P(OfficialFilesTest, EveryEstimateOfGovernanceIsThatOfAnIndependentReading) {
  std::map<std::pair<std::string, std::string>, Statistic> found;
  for (const Statistic& statistic : registry_->Statistics(registry::v1::STATISTIC_KIND_GOVERNANCE)) {
    found[{statistic.governance().country(), absl::StrCat(statistic.year())}] = statistic;
  }
  const std::map<std::string, std::string> alpha2 = Alpha2ByAlpha3();
  size_t compared = 0;
  for (const ReferenceRow& row : ReadReference(kWgiReading)) {
    if (row.at("iso3") == "ANT") {
      continue;  // The Netherlands Antilles are no more.
    }
    ++compared;
    const auto at = found.find({alpha2.at(row.at("iso3")), row.at("year")});
    ASSERT_NE(at, found.end()) << row.at("iso3") << row.at("year");
    const auto& governance = at->second.governance();
    const auto expect = [&](const char* column, bool given, double estimate) {
      double expected = 0;
      ASSERT_EQ(absl::SimpleAtod(row.at(column), &expected), given) << row.at("iso3") << row.at("year") << column;
      EXPECT_EQ(estimate, expected) << row.at("iso3") << row.at("year") << column;
    };
    expect("va", governance.has_voice_accountability(), governance.voice_accountability());
    expect("pv", governance.has_political_stability(), governance.political_stability());
    expect("ge", governance.has_government_effectiveness(), governance.government_effectiveness());
    expect("rq", governance.has_regulatory_quality(), governance.regulatory_quality());
    expect("rl", governance.has_rule_of_law(), governance.rule_of_law());
    expect("cc", governance.has_control_of_corruption(), governance.control_of_corruption());
  }
  EXPECT_EQ(compared, found.size());
  EXPECT_GT(compared, 5000U);
}

// Of the USGS file: what is no production of a country is named with its line, column and reason.
TEST_P(OfficialFilesTest, EveryRowLandsOrIsExplained) {
  const TempDir dir;
  const Finished report = registry_->Ctl({"import", "-o", "csv", PathOf(kUsgsFile)});
  ASSERT_EQ(report.code, 0) << report.output;
  const std::vector<ReferenceRow> findings = ReadCsvText(report.output);
  std::set<std::string> lines;
  for (const ReferenceRow& finding : findings) {
    EXPECT_EQ(finding.at("outcome"), "left-out");
    EXPECT_NE(finding.at("field"), "") << finding.at("line");
    EXPECT_NE(finding.at("reason"), "") << finding.at("line");
    EXPECT_THAT(finding.at("file"), HasSubstr(kUsgsFile));
    EXPECT_TRUE(lines.insert(finding.at("line")).second) << finding.at("line");
  }
  const std::vector<ReferenceRow> production = UsgsProduction();
  const auto masses = std::count_if(production.begin(), production.end(), IsMass);
  EXPECT_EQ(ReadReference(kUsgsFile).size(), findings.size() + static_cast<size_t>(masses));
}

TEST_P(OfficialFilesTest, ImportedAgainTheyChangeNothing) {
  const int64_t head = registry_->Head();
  EXPECT_THAT(registry_->ImportFiles({PathOf("raw")}), HasSubstr("created 0, updated 0, "));
  EXPECT_EQ(registry_->Head(), head);
}

TEST_P(OfficialFilesTest, ExportThenImportIsTheIdentity) { EXPECT_GT(ExpectRoundTrip(*registry_), 7000U); }

}  // namespace
}  // namespace orewatch::testing
