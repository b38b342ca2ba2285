#include <string>
#include <vector>

#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ctl/import/official/testing.h"
#include "services/ctl/import/official/usgs_heading.h"
#include "services/ctl/import/official/usgs_reader.h"
#include "services/ctl/import/official/usgs_series.h"
#include "services/ctl/import/official/usgs_value.h"
#include "services/ctl/import/official/words.h"

namespace orewatch::ctl {
namespace {

using ::testing::ElementsAre;
using testing::EqualsProto;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ParseProto;
using ::testing::SizeIs;

// Known to the registry of the tests, so that only what a test is about is made.
const KnownNames kKnown = {"minerals/copper", "minerals/lead", "minerals/titanium", "minerals/cobalt", "countries/CL",
                           "countries/PE",    "countries/US",  "countries/AU",      "countries/CN",    "countries/KE"};

constexpr char kHeader[] =
    "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes,Is critical mineral 2025,"
    "Other notes\n";

// One row of the world tables, in our own words; the cells are quoted.
struct Row {
  std::string commodity = "Copper";
  std::string country = "Chile";
  std::string detail = "Mine production";
  std::string unit = "thousand metric tons";
  std::string year = "2024";
  std::string value = "1";
  std::string notes = "";
  std::string section = "World Mine Production and Reserves";
  std::string statistics = "Production";
  std::string heading = "(Data in thousand metric tons, copper content, unless otherwise specified)";
};

std::string Text(const std::vector<Row>& rows) {
  std::string text = kHeader;
  for (const Row& row : rows) {
    absl::StrAppend(&text, "X,", row.section, ",\"", row.commodity, "\",\"", row.country, "\",", row.statistics, ",\"",
                    row.detail, "\",", row.unit, ",", row.year, ",\"", row.value, "\",\"", row.notes, "\",Yes,\"",
                    row.heading, "\"\n");
  }
  return text;
}

CollectingSink Read(const std::vector<Row>& rows, const KnownNames& known = kKnown) {
  return ReadOfficial("mcs.csv", Text(rows), known, [](const Mappings& mappings, StatisticOutput& output) {
    return UsgsReader(mappings.usgs, mappings.countries, output);
  });
}

// The figures as `country tonnes`, with a mark for what is no plain figure.
std::vector<std::string> FiguresOf(const CollectingSink& sink) {
  std::vector<std::string> figures;
  for (const auto& row : sink.rows) {
    const auto& quantity = row.entry().statistic().quantity();
    figures.push_back(absl::StrCat(row.entry().statistic().production().country(), " ",
                                   quantity.has_tonnes() ? absl::StrCat(quantity.tonnes())
                                   : quantity.withheld() ? "withheld"
                                                         : "unknown",
                                   quantity.estimated() ? " estimated" : ""));
  }
  return figures;
}

TEST(UsgsValue, ReadsNumbersWithAndWithoutSeparators) {
  EXPECT_EQ(ParseUsgsValue("1,234,567", 0)->amount, 1234567);
  EXPECT_EQ(ParseUsgsValue("5900000", 0)->amount, 5900000);
  EXPECT_EQ(ParseUsgsValue("2.3", 3)->amount, 2300);
  EXPECT_EQ(ParseUsgsValue("48,100", -3)->amount, 48.1);
  EXPECT_EQ(ParseUsgsValue(" 7\xC2\xA0", 6)->amount, 7e6);
  EXPECT_EQ(ParseUsgsValue("—", 3)->amount, 0);
}

TEST(UsgsValue, KnowsWhatIsNoFigure) {
  EXPECT_TRUE(ParseUsgsValue("W", 3)->withheld);
  for (const char* mark : {"W", "NA", "XX", "s", ">540,000", "<200"}) {
    const auto value = ParseUsgsValue(mark, 3);
    ASSERT_TRUE(value.ok()) << value.status();
    EXPECT_FALSE(value->amount.has_value()) << mark;
    EXPECT_EQ(value->mark, mark);
  }
  for (const char* bad : {"", "1,23", "12,3456", ",123", "Large", "1.2.3", "-5", ">", "20 - 10", "w", "nan"}) {
    EXPECT_FALSE(ParseUsgsValue(bad, 3).ok()) << bad;
  }
}

TEST(UsgsValue, TakesTheMiddleOfARange) {
  for (const char* text : {"10,000 - 15,000", "10,000–15,000"}) {
    const auto value = ParseUsgsValue(text, 0);
    ASSERT_TRUE(value.ok()) << value.status();
    EXPECT_EQ(value->amount, 12500);
    EXPECT_TRUE(value->midpoint);
    EXPECT_EQ(value->mark, text);
  }
}

TEST(UsgsValue, KnowsHowFarAFigureIsRounded) {
  EXPECT_EQ(ParseUsgsValue("119,000", 0)->rounding, 500);
  EXPECT_EQ(ParseUsgsValue("433", 3)->rounding, 500);
  EXPECT_EQ(ParseUsgsValue("0.25", 0)->rounding, 0.005);
  EXPECT_EQ(ParseUsgsValue("—", 3)->rounding, 0);
}

TEST(UsgsValue, TurnsOnlyMassesIntoTonnes) {
  EXPECT_EQ(MassExponent("kilograms"), -3);
  EXPECT_EQ(MassExponent("Thousand metric dry tons"), 3);
  EXPECT_EQ(MassExponent("million metric tons"), 6);
  for (const char* unit : {"million carats", " thousands of carats", "million cubic meters", "tons", "percent", ""}) {
    EXPECT_FALSE(MassExponent(unit).has_value()) << unit;
  }
}

TEST(UsgsHeading, SaysWhatIsCounted) {
  const auto counted = [](const char* text) {
    return CountedBy(text).value_or(Counted{type::v1::BASIS_UNSPECIFIED, "?"});
  };
  EXPECT_EQ(counted("(Data in metric tons, tin content, unless otherwise specified) -- More.").basis,
            type::v1::BASIS_CONTAINED);
  EXPECT_EQ(counted("(Data in metric tons, arsenic content unless otherwise specified)").scope, "arsenic content");
  EXPECT_EQ(counted("(Data in metric tons, rare-earth-oxide (REO) equivalent, unless otherwise specified)").basis,
            type::v1::BASIS_OXIDE_EQUIVALENT);
  EXPECT_EQ(counted("(Data in metric tons unless otherwise specified)").basis, type::v1::BASIS_GROSS);
  EXPECT_EQ(counted("(Data in metric tons unless otherwise specified)").scope, "");
  EXPECT_EQ(counted("See another chapter.").scope, "?");
}

TEST(IdOf, KeepsLettersAndDigits) {
  EXPECT_EQ(IdOf("Sand And Gravel (Industrial)"), "sand-and-gravel-industrial");
  EXPECT_EQ(IdOf("Nitrogen (Fixed)—Ammonia"), "nitrogen-fixed-ammonia");
  EXPECT_EQ(IdOf(std::string(70, 'a')).size(), 63U);
  EXPECT_EQ(IdOf("—"), "");
}

TEST(UsgsReader, GivesEachFigureWithItsSeriesAndSource) {
  const CollectingSink result =
      Read({{.value = "5,510.5"}, {.year = "2025", .value = "5,300", .notes = "Estimated. -- Reported by ministry."}});
  EXPECT_THAT(result.rejected, IsEmpty());
  ASSERT_THAT(result.rows, SizeIs(4));
  EXPECT_EQ(result.rows[0].file(), "mcs.csv");
  EXPECT_EQ(result.rows[0].line(), 2);
  EXPECT_THAT(result.rows[0].entry().statistic(), EqualsProto(ParseProto<registry::v1::Statistic>(R"(
    dataset: "usgs-mcs-2026" year: 2024
    production { mineral: "minerals/copper" stage: STAGE_MINE country: "CL" product: "copper-ore" }
    quantity { tonnes: 5510500 basis: BASIS_CONTAINED scope: "copper content" }
    provenance { source: "USGS MCS 2026 data release, Copper: Mine production, 2024" as_of: "2026"
                 licence: "US-public-domain" })")));
  EXPECT_TRUE(result.rows[2].entry().statistic().quantity().estimated());
}

TEST(UsgsReader, KeepsZeroWithheldAndUnknownApart) {
  const CollectingSink result = Read({{.country = "Chile", .value = "—"},
                                      {.country = "United States", .value = "W"},
                                      {.country = "Peru", .value = "NA"},
                                      {.country = "Australia", .value = ">40"},
                                      {.country = "China", .value = "10 - 20"},
                                      {.country = "Other countries", .value = "3"}});
  EXPECT_THAT(FiguresOf(result),
              ElementsAre("CL 0", "US withheld", "PE unknown", "AU unknown", "CN 15000 estimated", "ZZ 3000"));
  EXPECT_THAT(result.rows[1].entry().statistic().provenance().source(), HasSubstr("2024, W in source"));
  EXPECT_THAT(result.rows[3].entry().statistic().provenance().source(), HasSubstr("2024, >40 in source"));
  EXPECT_THAT(result.rows[4].entry().statistic().provenance().source(), HasSubstr("2024, 10 - 20 in source"));
}

TEST(UsgsReader, SaysWhyARowIsLeftOut) {
  const CollectingSink result = Read({{.section = "Salient Statistics\x97United States"},
                                      {.section = "Import Sources", .statistics = "Import sources"},
                                      {.value = "Large", .statistics = "Reserves"},
                                      {.unit = "million carats"},
                                      {.country = "World total", .detail = "Mine production: rounded"},
                                      {.detail = "Solvent extraction"},
                                      {.commodity = "Unobtainium", .detail = "Mine production", .heading = "None."},
                                      {.country = "Other countries"}});
  EXPECT_THAT(CollectingSink::TextOf(result.left_out),
              ElementsAre("2 Section: the section is about the United States alone",
                          "3 Section: the section is about the United States alone",
                          "4 Statistics: \"Reserves\" is not production",
                          "5 Unit: \"million carats\" is no mass that can be turned into tonnes",
                          "6 Country: a world total is the output of no country",
                          "7 Statistics_detail: no row of usgs_series.csv covers Copper: Solvent extraction",
                          "8 Other notes: does not say what the figures count"));
  EXPECT_THAT(result.rejected, IsEmpty());
  EXPECT_THAT(FiguresOf(result), ElementsAre("ZZ 1000"));
}

TEST(UsgsReader, RejectsWhatIsWrong) {
  const CollectingSink result = Read({{.country = "Atlantis"},
                                      {.year = "2021–24"},
                                      {.value = "1,23"},
                                      {.country = "Other countries"},
                                      {.country = "Other countries", .value = "2"}});
  EXPECT_THAT(
      CollectingSink::TextOf(result.rejected),
      ElementsAre("2 Country: country_codes.csv knows no country \"Atlantis\" of the USGS",
                  "3 Year: \"2021–24\" is not a year from 1900 to 2200", HasSubstr("4 Value: \"1,23\" is neither"),
                  "6 Country: another row has the same series, country and year"));
  EXPECT_THAT(FiguresOf(result), ElementsAre("ZZ 1000"));
}

TEST(UsgsReader, ReadsTheNamesOfCountriesInWindows1252) {
  EXPECT_THAT(FiguresOf(Read({{.country = "C\xF4te d\x92Ivoire"}, {.country = "Other countries"}},
                             {"minerals/copper", "countries/CI"})),
              ElementsAre("CI 1000", "ZZ 1000"));
}

TEST(UsgsReader, MakesAMineralAndACountryThatAreMissing) {
  const CollectingSink result = Read({{.commodity = "Stone (Dimension)", .value = "2"},
                                      {.commodity = "Stone (Dimension)", .country = "Other countries"}},
                                     {});
  ASSERT_THAT(result.rows, SizeIs(4));
  EXPECT_THAT(result.rows[0].entry().mineral(), EqualsProto(ParseProto<registry::v1::Mineral>(R"pb(
                name: "minerals/stone-dimension"
                display_name: "Stone (Dimension)"
                kind: KIND_MATERIAL
                critical_lists: "US_2025"
                provenance {
                  source: "USGS MCS 2025 data release, Stone (Dimension)"
                  as_of: "2025"
                  licence: "US-public-domain"
                })pb")));
  EXPECT_THAT(result.rows[1].entry().country(), EqualsProto(ParseProto<registry::v1::Country>(R"(
    name: "countries/CL" display_name: "Chile" alpha3: "CHL" provenance { source: "ISO 3166-1" licence: "facts" })")));
}

TEST(UsgsReader, TakesTheStageOfAnUnknownCommodityFromItsDetailAndTheBasisFromItsHeading) {
  const CollectingSink result =
      Read({{.commodity = "Unobtainium",
             .detail = "Refinery production",
             .heading = "(Data in metric tons, unobtainium content, unless otherwise specified)"},
            {.commodity = "Unobtainium", .country = "Other countries", .detail = "Guesses"}},
           {"countries/CL"});
  ASSERT_THAT(result.rows, SizeIs(3));
  const auto& statistic = result.rows[1].entry().statistic();
  EXPECT_EQ(statistic.production().mineral(), "minerals/unobtainium");
  EXPECT_EQ(statistic.production().stage(), type::v1::STAGE_REFINE);
  EXPECT_EQ(statistic.quantity().basis(), type::v1::BASIS_CONTAINED);
  EXPECT_EQ(statistic.quantity().scope(), "unobtainium content");
  EXPECT_THAT(result.left_out, SizeIs(1));
}

TEST(UsgsReader, AddsUpOnlyTheSeriesThatTheTableAddsUp) {
  const std::string commodity = "Titanium Mineral Concentrates";
  const std::string ilmenite = "Mine production: Ilmenite";
  const std::string rutile = "Mine production: Rutile";
  const auto row = [&](const std::string& country, const std::string& detail, const std::string& value) {
    return Row{.commodity = commodity, .country = country, .detail = detail, .value = value};
  };
  const CollectingSink result =
      Read({row("Australia", ilmenite, "600"), row("United States", ilmenite, "100"), row("China", ilmenite, "30"),
            row("Other countries", ilmenite, "7"), row("Australia", rutile, "200"), row("United States", rutile, "s"),
            row("China", rutile, "W"), row("Other countries", rutile, "3")});
  EXPECT_THAT(result.rejected, IsEmpty());
  std::vector<std::string> sums;
  for (const auto& given : result.rows) {
    const auto& statistic = given.entry().statistic();
    if (statistic.production().product() == "titanium-concentrates") {
      sums.push_back(absl::StrCat(statistic.production().country(), " ", statistic.quantity().tonnes(), " ",
                                  statistic.quantity().withheld() ? "withheld " : "", statistic.provenance().source()));
    }
  }
  const std::string source = "USGS MCS 2025 data release, Titanium Mineral Concentrates: ";
  EXPECT_THAT(sums, ElementsAre(absl::StrCat("AU 800000 ", source, ilmenite, " + ", rutile, ", 2024"),
                                absl::StrCat("US 100000 ", source, ilmenite, ", 2024"),
                                absl::StrCat("CN 0 withheld ", source, rutile, ", 2024, W in source"),
                                absl::StrCat("ZZ 10000 ", source, ilmenite, " + ", rutile, ", 2024")));
  EXPECT_THAT(result.rows, SizeIs(12));
}

// The other countries of a table with these rows.
std::string OthersOf(const std::vector<Row>& rows) {
  const std::vector<std::string> figures = FiguresOf(Read(rows));
  return figures.back().substr(0, 2) == "ZZ" ? figures.back() : "";
}

TEST(UsgsReader, ClosesATableByWhatIsLeftOfTheWorldTotal) {
  const Row total{
      .country = "World total", .detail = "Mine production: rounded", .value = "160", .notes = "Estimated."};
  EXPECT_EQ(OthersOf({{.value = "101"}, total}), "ZZ 59000 estimated");
  EXPECT_EQ(OthersOf({{.value = "161"}, total}), "");
  EXPECT_EQ(OthersOf({{.value = "155"}, total}), "");  // The total is one to the next ten.
  // A listed country that is unknown may be all of the rest.
  EXPECT_EQ(OthersOf({{.value = "101"}, {.country = "United States", .value = "W"}, total}), "");
  Row excluding = total;
  excluding.notes = "Excludes U.S. production.";
  EXPECT_EQ(OthersOf({{.value = "101"}, {.country = "United States", .value = "W"}, excluding}), "ZZ 59000");
}

TEST(UsgsReader, ClosesATableWithoutATotalByAnUnknownAmount) {
  EXPECT_EQ(OthersOf({{.value = "100"}}), "ZZ unknown");
  const CollectingSink result =
      Read({{.value = "100"}, {.country = "World total", .detail = "Mine production: rounded", .value = "XX"}});
  ASSERT_THAT(result.rows, SizeIs(2));
  EXPECT_THAT(result.rows[1].entry().statistic().provenance().source(), HasSubstr("world total XX in source"));
}

TEST(UsgsReader, GivesNothingOfATableWithoutCountries) {
  EXPECT_THAT(Read({{.country = "World total", .value = "80"}}).rows, IsEmpty());
}

TEST(UsgsReader, RefusesAFileWithMoreFiguresThanARelease) {
  const std::string tail(60'000, 'x');
  std::string text = kHeader;
  for (int i = 0; i < 1200; ++i) {
    absl::StrAppend(&text, "X,World,Copper,World total,Production,Mine production", tail, ",metric tons,2024,1,,,\n");
  }
  const CollectingSink result =
      ReadOfficial("mcs.csv", text, kKnown, [](const Mappings& mappings, StatisticOutput& output) {
        return UsgsReader(mappings.usgs, mappings.countries, output);
      });
  EXPECT_THAT(CollectingSink::TextOf(result.rejected), ElementsAre(HasSubstr("more figures of production than any")));
}

}  // namespace
}  // namespace orewatch::ctl
