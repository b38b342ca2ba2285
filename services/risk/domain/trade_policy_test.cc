#include "services/risk/domain/trade_policy.h"

#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr StageNumber kProcess = 4;

class TradePolicyTest : public ::testing::Test {
 protected:
  TradePolicyTest() {
    policy_.today = "2026-11-24";
    policy_.blocs["blocs/EU"] = {{"DE", "1958-01-01", ""}, {"GB", "1973-01-01", "2020-01-31"}};
    Restriction ban;
    ban.imposer = "CN";
    ban.kind = TradeRelation::kBan;
    ban.mineral = "minerals/gallium";
    ban.effective = "2024-12-03";
    policy_.restrictions["measures/ban"] = ban;
  }
  Relation With(const std::string& exporter, const std::string& importer = "countries/JP") const {
    return RelationOf(exporter, ViewOf(importer, policy_, 2024), forms_, policy_, {});
  }
  Restriction& ban() { return policy_.restrictions.at("measures/ban"); }

  TradePolicy policy_;
  TradedForms forms_{{"minerals/gallium", kProcess}, {"811292"}, {"gallium"}};
};

TEST_F(TradePolicyTest, ABanInForceDecidesAndIsNamed) {
  EXPECT_EQ(With("CN").kind, TradeRelation::kBan);
  EXPECT_EQ(With("CN").because, "measures/ban");
  EXPECT_EQ(With("KR").kind, TradeRelation::kNone);
}

TEST_F(TradePolicyTest, OnlyWhatIsInForceOnTheDayCounts) {
  ban().effective = "2026-11-25";
  EXPECT_EQ(With("CN").kind, TradeRelation::kNone);
  ban().effective = "2026-11-24";
  EXPECT_EQ(With("CN").kind, TradeRelation::kBan);
  ban().suspended = "2026-11-10";
  EXPECT_EQ(With("CN").kind, TradeRelation::kNone);
  ban().suspended_until = "2026-11-25";
  EXPECT_EQ(With("CN").kind, TradeRelation::kNone) << "the suspension lapses tomorrow";
  ban().suspended_until = "2026-11-24";
  EXPECT_EQ(With("CN").kind, TradeRelation::kBan);
  ban().suspended = "";
  ban().ended = "2026";
  EXPECT_EQ(With("CN").kind, TradeRelation::kBan) << "the year is not over";
  ban().ended = "2026-11-24";
  EXPECT_EQ(With("CN").kind, TradeRelation::kNone);
  ban().ended = "";
  ban().effective = "";
  EXPECT_EQ(With("CN").kind, TradeRelation::kNone) << "announced, not effective";
}

TEST_F(TradePolicyTest, NothingIsInForceBeforeADayHasBegun) {
  policy_.today = "";
  EXPECT_EQ(With("CN").kind, TradeRelation::kNone);
}

TEST_F(TradePolicyTest, DestinationsStagesCodesAndProductsNarrowIt) {
  ban().destinations = {"US"};
  EXPECT_EQ(With("CN").kind, TradeRelation::kNone);
  EXPECT_EQ(With("CN", "countries/US").kind, TradeRelation::kBan);
  ban().destinations = {"EU"};
  EXPECT_EQ(With("CN", "blocs/EU").kind, TradeRelation::kBan);
  ban().destinations = {"DE"};
  EXPECT_EQ(With("CN", "blocs/EU").kind, TradeRelation::kBan);
  ban().destinations = {};
  ban().stage = 1;
  EXPECT_EQ(With("CN").kind, TradeRelation::kNone);
  ban().stage = kProcess;
  ban().hs6 = {"811299"};
  EXPECT_EQ(With("CN").kind, TradeRelation::kNone);
  ban().hs6 = {"811292", "811299"};
  EXPECT_EQ(With("CN").kind, TradeRelation::kBan);
  ban().product = "gallium-oxide";
  EXPECT_EQ(With("CN").kind, TradeRelation::kNone);
}

TEST_F(TradePolicyTest, AMeasureOnAMineralCountsWhereNobodyKnowsWhatIsTraded) {
  ban().hs6 = {"999999"};
  EXPECT_FALSE(Covers(ban(), forms_));
  forms_.hs6 = {};
  EXPECT_TRUE(Covers(ban(), forms_));
  ban().mineral = "";
  EXPECT_FALSE(Covers(ban(), forms_)) << "codes alone say nothing here";
}

TEST_F(TradePolicyTest, TheLargestRestrictionCounts) {
  Restriction licence = ban();
  licence.kind = TradeRelation::kLicence;
  policy_.restrictions["measures/a-licence"] = licence;
  EXPECT_EQ(With("CN").because, "measures/ban");
}

TEST_F(TradePolicyTest, AnAgreementStandsForATaxButNotForABan) {
  policy_.agreements["agreements/free"] = {{"CN", "JP"}, {}, "2020", ""};
  EXPECT_EQ(With("CN").kind, TradeRelation::kBan);
  ban().kind = TradeRelation::kExportTax;
  EXPECT_EQ(With("CN").kind, TradeRelation::kAgreement);
  policy_.agreements["agreements/free"].minerals = {"minerals/tin"};
  EXPECT_EQ(With("CN").kind, TradeRelation::kExportTax);
}

TEST_F(TradePolicyTest, ABlocIsPartyForItsMembersAndMembersAreInside) {
  policy_.agreements["agreements/eu-jp"] = {{"EU", "JP"}, {}, "2019-02-01", ""};
  EXPECT_EQ(With("DE").because, "agreements/eu-jp");
  EXPECT_EQ(With("GB").kind, TradeRelation::kNone);
  EXPECT_EQ(With("DE", "blocs/EU").kind, TradeRelation::kMember);
}

TEST_F(TradePolicyTest, MembershipIsThatAtTheEndOfTheYear) {
  EXPECT_THAT(ViewOf("blocs/EU", policy_, 2019).members, ElementsAre("DE", "GB"));
  EXPECT_THAT(ViewOf("blocs/EU", policy_, 2020).members, ElementsAre("DE"));
  EXPECT_THAT(ViewOf("blocs/NONE", policy_, 2020).members, IsEmpty());
  EXPECT_THAT(ViewOf("countries/KR", policy_, 2020).members, ElementsAre("KR"));
}

}  // namespace
}  // namespace orewatch::risk
