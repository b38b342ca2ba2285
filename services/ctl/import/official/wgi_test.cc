#include <string>
#include <vector>

#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ctl/import/official/testing.h"
#include "services/ctl/import/official/wgi_reader.h"

namespace orewatch::ctl {
namespace {

using ::testing::ElementsAre;
using testing::EqualsProto;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ParseProto;
using ::testing::SizeIs;

// Rows as `code,year,indicator,estimate`, in the columns of the file.
CollectingSink Read(const std::vector<std::string>& rows, const KnownNames& known) {
  std::string text =
      "\xEF\xBB\xBF"
      "codeindyr,code,countryname,year,indicator,estimate,stddev\r\n";
  for (const std::string& row : rows) {
    const size_t comma = row.find(',');
    absl::StrAppend(&text, "x,", row.substr(0, comma), ",\"Name, The\"", row.substr(comma), ",0.1\r\n");
  }
  return ReadOfficial("wgi.csv", text, known, [](const Mappings& mappings, StatisticOutput& output) {
    return WgiReader(mappings.countries, output);
  });
}

TEST(WgiReader, MakesSixRowsOneStatistic) {
  const CollectingSink result = Read({"ZAR,2023,cc,-1.50", "ZAR,2023,ge,-1.6", "AUS,2023,cc,1.8", "ZAR,2023,pv,-2.0",
                                      "ZAR,2023,rl,-1.7", "ZAR,2023,rq,..", "ZAR,2023,va,-1.2"},
                                     {"countries/CD", "countries/AU"});
  EXPECT_THAT(result.rejected, IsEmpty());
  ASSERT_THAT(result.rows, SizeIs(2));
  EXPECT_EQ(result.rows[1].line(), 2);
  EXPECT_THAT(result.rows[1].entry().statistic(), EqualsProto(ParseProto<registry::v1::Statistic>(R"(
    dataset: "wgi" year: 2023
    governance { country: "CD" voice_accountability: -1.2 political_stability: -2 government_effectiveness: -1.6
                 rule_of_law: -1.7 control_of_corruption: -1.5 }
    provenance { source: "World Bank WGI 2024 update, estimates 2023, COD" as_of: "2024" licence: "CC-BY-4.0" })")));
  EXPECT_TRUE(result.rows[0].entry().statistic().governance().has_control_of_corruption());
}

TEST(WgiReader, MapsTheCodesThatAreTheWorldBanksOwn) {
  const CollectingSink result = Read({"ADO,2023,cc,1", "KSV,2023,cc,1", "ROM,2023,cc,1", "TMP,2023,cc,1",
                                      "WBG,2023,cc,1", "ZAR,2023,cc,1", "JPN,2023,cc,1"},
                                     {});
  std::vector<std::string> made;
  for (const auto& row : result.rows) {
    if (row.entry().has_country()) {
      made.push_back(row.entry().country().name());
    }
  }
  EXPECT_THAT(made, ElementsAre("countries/AD", "countries/CD", "countries/JP", "countries/PS", "countries/RO",
                                "countries/TL", "countries/XK"));
  EXPECT_THAT(result.rejected, IsEmpty());
}

TEST(WgiReader, SaysWhyARowIsLeftOut) {
  const CollectingSink result = Read({"ANT,2023,cc,1", "JPN,2023,gdp,1", "USA,1996,cc,..", "USA,1996,va,.."}, {});
  EXPECT_THAT(
      CollectingSink::TextOf(result.left_out),
      ElementsAre("2 code: \"ANT\" is a country that is no more", "3 indicator: \"gdp\" is none of the six estimates",
                  "4 estimate: the country has no estimate of the year",
                  "5 estimate: the country has no estimate of the year"));
  EXPECT_THAT(result.rows, IsEmpty());
}

TEST(WgiReader, RejectsWhatIsWrong) {
  const CollectingSink result =
      Read({"QQQ,2023,cc,1", "JPN,soon,cc,1", "JPN,2300,cc,1", "JPN,2023,cc,high", "JPN,2023,cc,1", "JPN,2023,cc,2"},
           {"countries/JP"});
  EXPECT_THAT(CollectingSink::TextOf(result.rejected),
              ElementsAre("2 code: \"QQQ\" is no code of the World Bank or ISO 3166-1", HasSubstr("3 year: \"soon\""),
                          HasSubstr("4 year: \"2300\""), HasSubstr("5 estimate: \"high\""),
                          "7 indicator: another row has the same estimate of the country and year",
                          "6 : line 5 may be of the same country and year"));
  EXPECT_THAT(result.rows, IsEmpty());
}

TEST(WgiReader, TakesNothingInPartOfAFileThatIsCut) {
  const std::string header = "codeindyr,code,countryname,year,indicator,estimate\n";
  std::string whole = header;
  for (const char* indicator : {"va", "pv", "ge", "rq", "rl", "cc"}) {
    absl::StrAppend(&whole, "x,AUS,Australia,2023,", indicator, ",1.5\n");
  }
  const auto read = [](const std::string& text) {
    return ReadOfficial("wgi.csv", text, {"countries/AU"}, [](const Mappings& mappings, StatisticOutput& output) {
      return WgiReader(mappings.countries, output);
    });
  };
  ASSERT_THAT(read(whole).rows, SizeIs(1));
  const size_t last_line = whole.rfind('\n', whole.size() - 2) + 1;
  // A cut within the last cell of the last row cannot be told from its end.
  const size_t last_cell = whole.rfind(',') + 1;
  for (size_t size = last_line + 1; size < last_cell; ++size) {
    const CollectingSink cut = read(whole.substr(0, size));
    EXPECT_THAT(cut.rows, IsEmpty()) << size;
    EXPECT_THAT(cut.rejected, ::testing::Not(IsEmpty())) << size;
  }
}

}  // namespace
}  // namespace orewatch::ctl
