// The built-in tables against the bundled data, which were made by the same meaning of words.
#include "services/ctl/import/official/mappings.h"

#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ctl/import/collecting_sink.h"
#include "services/ctl/import/official/built_in.h"
#include "services/ctl/import/official/release.h"
#include "services/ctl/import/official/table.h"

namespace orewatch::ctl {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Hs6Table, MeansWhatTheBundledTradeMeans) {
  const Mappings mappings = BuiltInMappings();
  std::set<std::string> codes;
  for (const auto& row : LoadFile("data/trade.csv").rows) {
    const auto& statistic = row.entry().statistic();
    const TradedForm* form = mappings.hs6.Find(statistic.trade().hs6());
    ASSERT_NE(form, nullptr) << statistic.trade().hs6();
    if (codes.insert(statistic.trade().hs6()).second) {
      EXPECT_EQ("minerals/" + form->mineral, statistic.trade().mineral());
      EXPECT_EQ(form->product, statistic.trade().product());
      EXPECT_EQ(form->stage, statistic.trade().stage());
      EXPECT_EQ(form->basis, statistic.quantity().basis());
      EXPECT_EQ(form->scope, statistic.quantity().scope());
    }
  }
  EXPECT_THAT(codes, SizeIs(24));
}

TEST(Hs6Table, HasTheMainTradedForms) {
  const Mappings mappings = BuiltInMappings();
  for (const auto& [code, mineral] : std::vector<std::pair<std::string, std::string>>{{"282520", "lithium"},
                                                                                      {"283691", "lithium"},
                                                                                      {"250410", "graphite"},
                                                                                      {"250490", "graphite"},
                                                                                      {"284610", "rare-earths"},
                                                                                      {"284690", "rare-earths"},
                                                                                      {"280530", "rare-earths"},
                                                                                      {"282200", "cobalt"},
                                                                                      {"810520", "cobalt"},
                                                                                      {"750110", "nickel"}}) {
    ASSERT_NE(mappings.hs6.Find(code), nullptr) << code;
    EXPECT_EQ(mappings.hs6.Find(code)->mineral, mineral);
  }
  // Several minerals in one code are none.
  EXPECT_EQ(mappings.hs6.Find("811292"), nullptr);
}

TEST(Hs6Table, NamesOnlyMineralsOfTheCatalogue) {
  std::set<std::string> minerals;
  for (const auto& row : LoadFile("data/minerals.csv").rows) {
    minerals.insert(row.entry().mineral().name());
  }
  std::istringstream text{std::string(kHs6Csv)};
  const auto rows = ReadTable(text, Hs6Table::Columns());
  ASSERT_TRUE(rows.ok()) << rows.status();
  for (const TableRow& row : *rows) {
    EXPECT_EQ(minerals.count("minerals/" + row.cells[1]), 1U) << row.cells[1];
  }
}

TEST(CountryCodes, HaveEveryCountryOfTheCatalogueByItsName) {
  const Mappings mappings = BuiltInMappings();
  for (const auto& row : LoadFile("data/countries.csv").rows) {
    const auto& country = row.entry().country();
    EXPECT_EQ(mappings.countries.NameOf(country.name().substr(country.name().find('/') + 1)), country.display_name());
  }
  EXPECT_EQ(mappings.countries.NameOf("??"), "??");
}

TEST(CountryCodes, TellAnUnknownCodeFromACountryThatIsNoMore) {
  const Mappings mappings = BuiltInMappings();
  EXPECT_EQ(mappings.countries.Find(Publisher::kBaci, "490"), "TW");
  EXPECT_EQ(mappings.countries.Find(Publisher::kBaci, "56"), "BE");
  EXPECT_EQ(mappings.countries.Find(Publisher::kBaci, "891"), "");
  EXPECT_FALSE(mappings.countries.Find(Publisher::kBaci, "897").has_value());
  EXPECT_EQ(mappings.countries.Find(Publisher::kUsgs, "Burma"), "MM");
  EXPECT_FALSE(mappings.countries.Find(Publisher::kWorldBank, "490").has_value());
}

TEST(UsgsSeriesTable, TakesTheSeriesThatKnowsMostOfTheDetail) {
  const Mappings mappings = BuiltInMappings();
  const std::string kyanite = "Kyanite And Related Minerals";
  const auto both = mappings.usgs.Find(kyanite, "Mine production: kyanite and sillimanite");
  ASSERT_THAT(both, SizeIs(1));
  EXPECT_EQ(both.front()->product, "kyanite-and-sillimanite");
  EXPECT_THAT(mappings.usgs.Find(kyanite, "Mine production: rounded"), IsEmpty());
  EXPECT_THAT(mappings.usgs.Find("Titanium Mineral Concentrates", "Mine production: Rutile"), SizeIs(2));
  EXPECT_THAT(mappings.usgs.Find("Unobtainium", "Smelter production: rounded"), SizeIs(1));
  EXPECT_THAT(mappings.usgs.Find("Copper", "Smelter production"), IsEmpty());
}

}  // namespace
}  // namespace orewatch::ctl
