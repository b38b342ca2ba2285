#include "services/risk/api/score_query.h"

#include <limits>

#include "common/testing/matchers.h"
#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::testing::ElementsAre;

constexpr char kOfJapan[] =
    "subject: 'minerals/tin' stage: STAGE_MINE importer: 'countries/JP' method: METHOD_GEOPOLRISK_2024";
constexpr char kOfNobody[] = "subject: 'minerals/tin' stage: STAGE_MINE method: METHOD_GEOPOLRISK_2024";

absl::StatusOr<ScoreQuery> Query(const std::string& key, const std::string& options = "") {
  return QueryOf(ParseProto<v1::ScoreKey>(key), ParseProto<v1::ScoreOptions>(options), Parameters());
}

TEST(ScoreQueryTest, DropsWhatTheMethodDoesNotLookAt) {
  const auto query =
      Query("subject: 'minerals/tin' stage: STAGE_MINE importer: 'countries/JP' method: METHOD_HHI normalization_n: 4");
  ASSERT_THAT(query, IsOk());
  EXPECT_EQ(query->key, (ScoreKey{"minerals/tin", 1, "", Method::kHhi, 0}));
  EXPECT_TRUE(query->variant.empty());
}

TEST(ScoreQueryTest, GeoPolRiskNeedsAnImporterOrPurchasesAndNotBoth) {
  EXPECT_THAT(Query(kOfJapan), IsOk());
  EXPECT_THAT(Query(kOfNobody), BlamesField("key.importer"));
  EXPECT_THAT(Query(kOfNobody, "purchases { country: 'CN' tonnes: 1 }"), IsOk());
  EXPECT_THAT(Query(kOfJapan, "purchases { country: 'CN' tonnes: 1 }"), BlamesField("key.importer"));
}

TEST(ScoreQueryTest, TakesTheCallersParametersUnderANameOfTheirOwn) {
  const auto query = Query(kOfJapan,
                           "geopolrisk { name: 'mine' edition: '3' named_only: true hs6: '260500' hs6: '250410' "
                           "hs6: '260500' imputed_governance: 0.6 copper_midpoint_usd_per_kg: 0.5 }");
  ASSERT_THAT(query, IsOk());
  const GeoPolRiskParameters& parameters = *query->variant.geopolrisk;
  EXPECT_EQ(parameters.name, "mine");
  EXPECT_EQ(parameters.edition, "3");
  EXPECT_EQ(parameters.other_countries, OtherCountries::kLeftOut);
  EXPECT_THAT(parameters.hs6, ElementsAre("250410", "260500"));
  EXPECT_EQ(parameters.imputed_governance, 0.6);
  EXPECT_EQ(parameters.copper_midpoint, 0.5);
  EXPECT_THAT(Query(kOfJapan, "geopolrisk {}"), BlamesField("options.geopolrisk.name"));
  EXPECT_THAT(Query(kOfJapan, "geopolrisk { name: 'geopolrisk-2024' }"), BlamesField("options.geopolrisk.name"));
}

TEST(ScoreQueryTest, TheIndexOfConcentrationLeavesOtherCountriesOutIfAsked) {
  for (const char* method : {"METHOD_HHI", "METHOD_HHI_NORMALIZED"}) {
    const std::string key = std::string("subject: 'minerals/tin' stage: STAGE_MINE method: ") + method;
    const auto query = Query(key, "hhi { name: 'mine' edition: '2' named_only: true }");
    ASSERT_THAT(query, IsOk());
    EXPECT_EQ(query->variant.hhi, (HhiParameters{"mine", "2", OtherCountries::kLeftOut}));
    EXPECT_THAT(Query(key, "hhi { named_only: true }"), BlamesField("options.hhi.name"));
    EXPECT_THAT(Query(key, "hhi { name: 'hhi' named_only: true }"), BlamesField("options.hhi.name"));
    EXPECT_THAT(Query(key, "hhi { name: '" + std::string(300, 'x') + "' }"), BlamesField("options.hhi.name"));
  }
  EXPECT_THAT(Query(kOfJapan, "hhi { name: 'mine' }"), BlamesField("options.hhi"));
}

TEST(ScoreQueryTest, RefusesParametersOutOfRange) {
  const auto with = [](const std::string& text) { return Query(kOfJapan, "geopolrisk { name: 'mine' " + text + " }"); };
  EXPECT_THAT(with("hs6: '2605'"), BlamesField("options.geopolrisk.hs6"));
  EXPECT_THAT(with("hs6: '26050x'"), BlamesField("options.geopolrisk.hs6"));
  for (const char* risk : {"-0.1", "1.1", "nan"}) {
    EXPECT_THAT(with(std::string("imputed_governance: ") + risk), BlamesField("options.geopolrisk.imputed_governance"));
  }
  for (const char* price : {"0", "-1", "nan", "inf"}) {
    EXPECT_THAT(with(std::string("copper_midpoint_usd_per_kg: ") + price),
                BlamesField("options.geopolrisk.copper_midpoint_usd_per_kg"));
  }
  EXPECT_THAT(with("edition: '" + std::string(300, 'x') + "'"), BlamesField("options.geopolrisk.edition"));
}

TEST(ScoreQueryTest, RefusesPurchasesThatCannotBe) {
  EXPECT_THAT(Query(kOfNobody, "purchases { country: 'China' tonnes: 1 }"),
              BlamesField("options.purchases[0].country"));
  for (const char* amount : {"-1", "nan", "inf"}) {
    EXPECT_THAT(Query(kOfNobody, std::string("purchases { country: 'CN' tonnes: ") + amount + " }"),
                BlamesField("options.purchases[0].tonnes"));
    EXPECT_THAT(Query(kOfNobody, std::string("purchases { country: 'CN' tonnes: 1 value_usd: ") + amount + " }"),
                BlamesField("options.purchases[0].value_usd"));
  }
  std::string many;
  for (int i = 0; i <= 1000; ++i) {
    many += "purchases { country: 'CN' tonnes: 1 } ";
  }
  EXPECT_THAT(Query(kOfNobody, many), BlamesField("options.purchases"));
}

TEST(ScoreQueryTest, StocksHaveNoStage) {
  const auto query =
      Query("subject: 'minerals/tin' stage: STAGE_MINE importer: 'countries/JP' method: METHOD_STOCK_COVER");
  ASSERT_THAT(query, IsOk());
  EXPECT_EQ(query->key, (ScoreKey{"minerals/tin", 0, "countries/JP", Method::kStockCover, 0}));
  EXPECT_THAT(Query("subject: 'minerals/tin' method: METHOD_STOCK_COVER"), BlamesField("key.importer"));
}

TEST(ScoreQueryTest, OtherMethodsHeedNoOptions) {
  constexpr char kHhi[] = "subject: 'minerals/tin' stage: STAGE_MINE method: METHOD_HHI";
  EXPECT_THAT(Query(kHhi, "geopolrisk { name: 'mine' }"), BlamesField("options.geopolrisk"));
  EXPECT_THAT(Query(kHhi, "purchases { country: 'CN' tonnes: 1 }"), BlamesField("options.purchases"));
}

}  // namespace
}  // namespace orewatch::risk
