#include <string>

#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ctl/import/official/baci_reader.h"
#include "services/ctl/import/official/testing.h"

namespace orewatch::ctl {
namespace {

using ::testing::ElementsAre;
using testing::EqualsProto;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ParseProto;
using ::testing::SizeIs;

const KnownNames kKnown = {"minerals/lithium", "countries/CL", "countries/KR", "countries/TW", "countries/FR",
                           "countries/CH",     "countries/US", "countries/IN", "countries/NO"};

CollectingSink Read(const std::string& rows, const KnownNames& known = kKnown,
                    const std::string& file = "/data/BACI_HS17_Y2024_V202601.csv") {
  return ReadOfficial(file, absl::StrCat("t,i,j,k,v,q\n", rows), known,
                      [](const Mappings& mappings, StatisticOutput& output) {
                        return BaciReader(mappings.hs6, mappings.countries, output);
                      });
}

TEST(BaciReader, GivesAFlowInDollarsAndTonnes) {
  const CollectingSink result = Read("2024,152,410,282520,   0.564,   3.174\n");
  EXPECT_THAT(result.rejected, IsEmpty());
  ASSERT_THAT(result.rows, SizeIs(1));
  EXPECT_THAT(result.rows[0].entry().statistic(), EqualsProto(ParseProto<registry::v1::Statistic>(R"(
    dataset: "cepii-baci-hs17" year: 2024
    trade { mineral: "minerals/lithium" product: "lithium-hydroxide" stage: STAGE_REFINE hs6: "282520" exporter: "CL"
            importer: "KR" value_usd: 564 }
    quantity { tonnes: 3.174 basis: BASIS_GROSS scope: "lithium oxide and hydroxide" }
    provenance { source: "CEPII BACI HS17 V202601, HS 282520" as_of: "2026-01" licence: "etalab-2.0" })")));
}

TEST(BaciReader, LeavesAQuantityThatIsNotAvailableUnknown) {
  const CollectingSink result = Read("2024,152,410,282520,1,          NA\n2024,152,842,282520,1,\n");
  ASSERT_THAT(result.rows, SizeIs(2));
  EXPECT_FALSE(result.rows[0].entry().statistic().quantity().has_tonnes());
  EXPECT_FALSE(result.rows[1].entry().statistic().quantity().has_tonnes());
}

TEST(BaciReader, KnowsTheCountriesThatBaciCodesInItsOwnWay) {
  const CollectingSink result = Read("2024,490,251,282520,1,1\n2024,757,842,282520,1,1\n2024,699,579,282520,1,1\n");
  ASSERT_THAT(result.rows, SizeIs(3));
  std::string flows;
  for (const auto& row : result.rows) {
    const auto& trade = row.entry().statistic().trade();
    absl::StrAppend(&flows, trade.exporter(), ">", trade.importer(), " ");
  }
  EXPECT_EQ(flows, "TW>FR CH>US IN>NO ");
}

TEST(BaciReader, SaysWhyARowIsLeftOut) {
  const CollectingSink result = Read("2024,152,410,010121,1,1\n1998,711,410,282520,1,1\n2024,152,152,282520,1,1\n");
  EXPECT_THAT(CollectingSink::TextOf(result.left_out),
              ElementsAre("2 k: the code is of no mineral in hs6.csv", "3 i: \"711\" is a country that is no more",
                          "4 j: exporter and importer are the same country"));
  EXPECT_THAT(result.rows, IsEmpty());
}

TEST(BaciReader, RejectsWhatIsWrong) {
  const CollectingSink result = Read(
      "2024,152,9999,282520,1,1\n24h,152,410,282520,1,1\n2024,152,410,282520,\"1,5\",1\n2024,152,410,282520,1,-1\n"
      "2024,152,410,282520\n2024,152,410,282520,5\n");
  EXPECT_THAT(CollectingSink::TextOf(result.rejected),
              ElementsAre("2 j: country_codes.csv knows no country \"9999\" of BACI", HasSubstr("3 t: \"24h\""),
                          HasSubstr("4 v: \"1,5\""), HasSubstr("5 q: \"-1\""), HasSubstr("6 : the row has 4 fields"),
                          HasSubstr("7 : the row has 5 fields")));
  EXPECT_THAT(result.rows, IsEmpty());
}

TEST(BaciReader, MakesWhatTheRegistryLacksOnce) {
  const CollectingSink result = Read("2024,152,520,250410,1,1\n", {"countries/CL"});
  ASSERT_THAT(result.rows, SizeIs(3));
  EXPECT_EQ(result.rows[0].entry().mineral().display_name(), "Graphite");
  EXPECT_EQ(result.rows[1].entry().country().display_name(), "Nauru");
}

TEST(BaciEdition, IsReadFromTheNameThatCepiiGives) {
  EXPECT_EQ(BaciEditionOf("x/BACI_HS92_Y1995_V202501.csv").nomenclature, "HS92");
  EXPECT_EQ(BaciEditionOf("BACI_HS92_Y1995_V202501.csv").version, "202501");
  EXPECT_EQ(BaciEditionOf("BACI_HS17/flows.csv").nomenclature, "");
  const CollectingSink result = Read("2024,152,410,282520,1,1\n", kKnown, "flows.csv");
  ASSERT_THAT(result.rows, SizeIs(1));
  EXPECT_EQ(result.rows[0].entry().statistic().dataset(), "cepii-baci");
  EXPECT_EQ(result.rows[0].entry().statistic().provenance().source(), "CEPII BACI, HS 282520");
}

}  // namespace
}  // namespace orewatch::ctl
