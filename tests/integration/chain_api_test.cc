// Supply chains as callers see them: a registry that they write to, and risk that follows it.
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/seal/page_token.h"
#include "tests/integration/risk_pair.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

class ChainApiTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::ListExposuresResponse> Exposures(const std::string& request,
                                                      const std::string& principal = "anonymous") {
    return pair_.Ask(&v1::Risk::Stub::ListExposures, request, principal);
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  Pair pair_{clock_};
};

TEST_F(ChainApiTest, SaysTierByTierFromWhereWhatIsUsedCame) {
  pair_.Put(PublicChain());
  const auto response = Exposures("subject: 'suppliers/c/facilities/maker'");
  ASSERT_THAT(response, IsOk());
  ASSERT_EQ(response->exposures_size(), 1);
  const v1::Exposure& exposure = response->exposures(0);
  EXPECT_EQ(exposure.mineral(), "minerals/cobalt");
  ASSERT_EQ(exposure.tiers_size(), 6);
  ASSERT_EQ(exposure.tiers(0).shares_size(), 1);
  EXPECT_EQ(exposure.tiers(0).shares(0).name(), "countries/CN");
  EXPECT_DOUBLE_EQ(exposure.tiers(0).shares(0).verified(), 0.5);
  EXPECT_DOUBLE_EQ(exposure.tiers(0).unknown(), 0.5);
  EXPECT_EQ(exposure.tiers(1).shares(0).name(), "countries/CD");
  EXPECT_DOUBLE_EQ(exposure.tiers(1).shares(0).verified(), 0.375);
  EXPECT_DOUBLE_EQ(exposure.tiers(2).own(), 0.375);
}

TEST_F(ChainApiTest, GroupsBySupplierAndFacilityAndAsksForARequirement) {
  pair_.Put(PublicChain());
  const auto suppliers = Exposures("subject: 'requirements/c' group_by: GROUP_BY_SUPPLIER");
  ASSERT_THAT(suppliers, IsOk());
  ASSERT_EQ(suppliers->exposures_size(), 1);
  EXPECT_EQ(suppliers->exposures(0).product(), "sulphate");
  EXPECT_EQ(suppliers->exposures(0).tiers(1).shares(0).name(), "suppliers/a");
  const auto facilities = Exposures("subject: 'suppliers/c' group_by: GROUP_BY_FACILITY");
  EXPECT_EQ(facilities->exposures(0).tiers(1).shares(0).name(), "suppliers/a/facilities/mine");
  EXPECT_DOUBLE_EQ(facilities->exposures(0).tiers(1).shares(0).verified(), 0.375);
}

TEST_F(ChainApiTest, GroupsByTheCountryOfTheUltimateOwner) {
  pair_.Put(PublicChain());
  pair_.Put({Named("supplier", "suppliers/b",
                   "owners { display_name: 'Far' country: 'countries/AU' share: 0.5 ultimate: true }")});
  const auto by_owner = Exposures("subject: 'suppliers/c/facilities/maker' group_by: GROUP_BY_ULTIMATE_OWNER_COUNTRY");
  ASSERT_THAT(by_owner, IsOk());
  const v1::ExposureTier& tier = by_owner->exposures(0).tiers(0);
  ASSERT_EQ(tier.shares_size(), 1);
  EXPECT_EQ(tier.shares(0).name(), "countries/AU");
  EXPECT_DOUBLE_EQ(tier.shares(0).verified(), 0.25);
  EXPECT_DOUBLE_EQ(tier.owner_unknown(), 0.25);
  EXPECT_DOUBLE_EQ(tier.unknown(), 0.5);
  EXPECT_DOUBLE_EQ(by_owner->exposures(0).tiers(1).owner_unknown(), 0.375);
}

TEST_F(ChainApiTest, EveryPageShowsTheRevisionOfTheFirst) {
  pair_.Put(PublicChain());
  pair_.Put({Named("facility", "suppliers/c/facilities/second", InputText("sulphate", 1, 1))});
  const auto first = Exposures("subject: 'suppliers/c' page_size: 1");
  ASSERT_THAT(first, IsOk());
  pair_.Put({LinkText("3", "b/facilities/refinery", "c/facilities/second", "sulphate", "share: 1")});
  const std::string next = absl::StrCat("subject: 'suppliers/c' page_token: '", first->next_page_token(), "'");
  const auto second = Exposures(next);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->revision().number(), first->revision().number());
  EXPECT_EQ(second->exposures(0).tiers(0).unknown(), 1);
  for (int i = 0; i < 64; ++i) {
    pair_.Put({Named("facility", "suppliers/c/facilities/second", InputText("sulphate", 1, i))});
  }
  EXPECT_THAT(Exposures(next), HasError(absl::StatusCode::kFailedPrecondition, "PAGE_TOKEN_EXPIRED"));
}

TEST_F(ChainApiTest, NobodyCanMakeAPageToken) {
  pair_.Put(PublicChain());
  pair_.Put({Named("facility", "suppliers/c/facilities/second", InputText("sulphate", 1, 1))});
  const std::string token = Exposures("subject: 'suppliers/c' page_size: 1")->next_page_token();
  std::string sealed;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(token, &sealed));
  EXPECT_EQ(sealed.find("suppliers"), std::string::npos);
  sealed[sealed.size() / 2] = static_cast<char>(sealed[sealed.size() / 2] ^ 1);
  const auto with = [&](const std::string& text) {
    return Exposures(absl::StrCat("subject: 'suppliers/c' page_token: '", text, "'"));
  };
  EXPECT_THAT(with(absl::WebSafeBase64Escape(sealed)), BlamesField("page_token"));
  EXPECT_THAT(with(token), IsOk());
  clock_.Advance(kPageTokenLife);
  EXPECT_THAT(with(token), HasError(absl::StatusCode::kFailedPrecondition, "PAGE_TOKEN_EXPIRED"));
}

TEST_F(ChainApiTest, PagesGoOnAfterTheLastAndBelongToTheirCaller) {
  pair_.Put(PublicChain());
  pair_.Put({Named("facility", "suppliers/c/facilities/second", InputText("sulphate", 1, 1))});
  const auto first = Exposures("subject: 'suppliers/c' page_size: 1");
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->exposures(0).name(), "suppliers/c/facilities/maker");
  const std::string token = absl::StrCat(" page_token: '", first->next_page_token(), "'");
  const auto second = Exposures(absl::StrCat("subject: 'suppliers/c' page_size: 5", token));
  ASSERT_EQ(second->exposures_size(), 1);
  EXPECT_EQ(second->exposures(0).name(), "suppliers/c/facilities/second");
  EXPECT_EQ(second->next_page_token(), "");
  EXPECT_THAT(Exposures(absl::StrCat("subject: 'suppliers/c'", token), "alice"), BlamesField("page_token"));
  EXPECT_THAT(Exposures(absl::StrCat("subject: 'suppliers/b'", token)), BlamesField("page_token"));
  EXPECT_THAT(Exposures("subject: 'suppliers/c' page_token: 'rubbish!'"), BlamesField("page_token"));
}

TEST_F(ChainApiTest, ShowsThePathsTheFailurePointsAndWhoElseCouldSupply) {
  pair_.Put(PublicChain());
  pair_.Put({Named("supplier", "suppliers/d", ""),
             Named("facility", "suppliers/d/facilities/other",
                   OutputText("STAGE_REFINE", "sulphate", "spare_capacity_tonnes_per_year: 7 "))});
  const std::string maker = "subject: 'suppliers/c/facilities/maker' mineral: 'minerals/cobalt' ";
  const auto paths =
      pair_.Ask(&v1::Risk::Stub::ListSupplyPaths, absl::StrCat(maker, "tier: 2 country: 'countries/CD'"));
  ASSERT_THAT(paths, IsOk());
  ASSERT_EQ(paths->paths_size(), 1);
  EXPECT_EQ(paths->paths(0).links(1), "links/1");
  EXPECT_EQ(paths->paths(0).source(), "suppliers/a/facilities/mine");
  EXPECT_TRUE(paths->paths(0).verified());
  EXPECT_DOUBLE_EQ(paths->paths(0).share(), 0.375);
  const auto points = pair_.Ask(&v1::Risk::Stub::ListFailurePoints, maker);
  ASSERT_THAT(points, IsOk());
  ASSERT_EQ(points->points_size(), 2);
  EXPECT_EQ(points->points(0).name(), "suppliers/b/facilities/refinery");
  EXPECT_FALSE(points->points(0).certain());
  const auto suppliers =
      pair_.Ask(&v1::Risk::Stub::ListFailurePoints, absl::StrCat(maker, "group_by: GROUP_BY_SUPPLIER"));
  ASSERT_THAT(suppliers, IsOk());
  ASSERT_EQ(suppliers->points_size(), 2);
  EXPECT_EQ(suppliers->points(0).name(), "suppliers/b");
  EXPECT_THAT(pair_.Ask(&v1::Risk::Stub::ListFailurePoints, absl::StrCat(maker, "group_by: GROUP_BY_COUNTRY")),
              BlamesField("group_by"));
  const auto others = pair_.Ask(&v1::Risk::Stub::ListAlternatives, absl::StrCat(maker, "product: 'sulphate'"));
  ASSERT_THAT(others, IsOk());
  ASSERT_EQ(others->alternatives_size(), 1);
  EXPECT_EQ(others->alternatives(0).facility(), "suppliers/d/facilities/other");
  EXPECT_EQ(others->alternatives(0).spare_capacity_tonnes_per_year(), 7);
}

TEST_F(ChainApiTest, CountsTheDaysToTheFirstShortage) {
  pair_.Put(PublicChain());
  const auto after = [this](const std::string& request) {
    return pair_.Ask(&v1::Risk::Stub::GetTimeToSurvive, request);
  };
  const std::string mine = "subject: 'requirements/c' lost: 'suppliers/a' outage_days: 90";
  auto days = after(mine);
  ASSERT_THAT(days, IsOk());
  EXPECT_FALSE(days->has_days());
  EXPECT_DOUBLE_EQ(days->earliest_days(), 20);
  EXPECT_DOUBLE_EQ(days->latest_days(), 30);
  EXPECT_EQ(days->completeness().state(), type::v1::Completeness::STATE_UNSET);
  EXPECT_THAT(days->completeness().reasons(), ::testing::ElementsAre("SOURCES_UNKNOWN"));
  EXPECT_DOUBLE_EQ(days->lost_tonnes().lower(), 60 * 5);
  EXPECT_DOUBLE_EQ(days->lost_tonnes().upper(), 70 * 5);
  const std::string australia = "subject: 'suppliers/c/facilities/maker' lost: 'countries/AU' outage_days: 9";
  days = after(australia);
  ASSERT_THAT(days, IsOk());
  EXPECT_FALSE(days->never());
  EXPECT_FALSE(days->has_latest_days());
  EXPECT_THAT(days->completeness().reasons(), ::testing::ElementsAre("SOURCES_UNKNOWN", "NO_REQUIREMENT"));
  EXPECT_FALSE(days->lost_tonnes().has_upper());
  pair_.Put({LinkText("1", "a/facilities/mine", "b/facilities/refinery", "ore", "share: 1"),
             LinkText("2", "b/facilities/refinery", "c/facilities/maker", "sulphate", "share: 1")});
  days = after(mine);
  EXPECT_DOUBLE_EQ(days->days(), 30);
  EXPECT_EQ(days->completeness().state(), type::v1::Completeness::STATE_COMPLETE);
  EXPECT_DOUBLE_EQ(days->lost_tonnes().upper(), 60 * 5);
  EXPECT_TRUE(after(australia)->never());
}

TEST_F(ChainApiTest, NamesWhatIsWrongWithARequest) {
  pair_.Put(PublicChain());
  pair_.Put({Named("requirement", "requirements/korea", "holder: 'countries/KR' mineral: 'minerals/cobalt'")});
  EXPECT_THAT(Exposures(""), BlamesField("subject"));
  EXPECT_THAT(Exposures("subject: 'minerals/cobalt'"), BlamesField("subject"));
  EXPECT_THAT(Exposures("subject: 'suppliers/c' page_size: -1"), BlamesField("page_size"));
  EXPECT_THAT(Exposures("subject: 'suppliers/c' group_by: 9"), BlamesField("group_by"));
  EXPECT_THAT(Exposures("subject: 'suppliers/c' mineral: 'cobalt'"), BlamesField("mineral"));
  EXPECT_THAT(Exposures("subject: 'requirements/c' product: 'ore'"), BlamesField("product"));
  EXPECT_THAT(Exposures("subject: 'suppliers/zz'"), HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(Exposures("subject: 'suppliers/c' mineral: 'minerals/zz'"),
              HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(Exposures("subject: 'requirements/korea'"),
              HasError(absl::StatusCode::kFailedPrecondition, "HOLDER_WITHOUT_CHAIN"));
  const std::string maker = "subject: 'suppliers/c/facilities/maker' mineral: 'minerals/cobalt' ";
  EXPECT_THAT(pair_.Ask(&v1::Risk::Stub::ListSupplyPaths, maker), BlamesField("tier"));
  EXPECT_THAT(pair_.Ask(&v1::Risk::Stub::ListSupplyPaths, absl::StrCat(maker, "tier: 1 country: 'KR'")),
              BlamesField("country"));
  EXPECT_THAT(pair_.Ask(&v1::Risk::Stub::ListAlternatives, maker), BlamesField("product"));
  EXPECT_THAT(pair_.Ask(&v1::Risk::Stub::GetTimeToSurvive, "subject: 'suppliers/c' lost: 'nowhere'"),
              BlamesField("lost"));
  EXPECT_THAT(
      pair_.Ask(&v1::Risk::Stub::GetTimeToSurvive, "subject: 'suppliers/c' lost: 'suppliers/a' outage_days: -1"),
      BlamesField("outage_days"));
}

TEST_F(ChainApiTest, ScoresASupplierFromWhatTheCallerMayRead) {
  pair_.Put(PublicChain());
  pair_.Put({Named("supplier", "suppliers/b",
                   "country: 'countries/CN' findings { kind: KIND_SANCTIONS adverse: true date { year: 2024 } "
                   "provenance { source: 'a list' } }")});
  const std::string key = "key { subject: 'suppliers/b' method: METHOD_OREWATCH_SUPPLIER_2026 } ";
  const auto score = pair_.Ask(&v1::Risk::Stub::GetScore, key);
  ASSERT_THAT(score, IsOk());
  EXPECT_GT(score->value(), 25);
  EXPECT_EQ(score->components_size(), 5);
  EXPECT_EQ(score->completeness().state(), type::v1::Completeness::STATE_INCOMPLETE);
  const auto explained = pair_.Ask(&v1::Risk::Stub::ExplainScore, key);
  ASSERT_THAT(explained, IsOk());
  EXPECT_EQ(explained->score().value(), score->value());
  EXPECT_THAT(explained->inputs(0).role(), "findings") << "what contributes most comes first";
  EXPECT_THAT(pair_.Ask(&v1::Risk::Stub::ExplainScore, absl::StrCat(key, "since_revision: 1")),
              HasError(absl::StatusCode::kFailedPrecondition, "SCORE_NOT_KEPT"));
  EXPECT_THAT(
      pair_.Ask(&v1::Risk::Stub::GetScore, "key { subject: 'minerals/cobalt' method: METHOD_OREWATCH_SUPPLIER_2026 }"),
      BlamesField("key.subject"));
  EXPECT_THAT(
      pair_.Ask(&v1::Risk::Stub::GetScore, "key { subject: 'suppliers/zz' method: METHOD_OREWATCH_SUPPLIER_2026 }"),
      HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(ChainApiTest, ASupplierThatIsHiddenLaterTakesItsFacilitiesOutOfSight) {
  pair_.Put(PublicChain());
  EXPECT_THAT(Exposures("subject: 'suppliers/b/facilities/refinery'", "bob"), IsOk());
  pair_.Put({Named("supplier", "suppliers/b", kAlices)}, "alice");
  EXPECT_THAT(Exposures("subject: 'suppliers/b/facilities/refinery'", "bob"),
              HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
  const auto seen = Exposures("subject: 'suppliers/c/facilities/maker'", "bob");
  ASSERT_THAT(seen, IsOk());
  EXPECT_DOUBLE_EQ(seen->exposures(0).tiers(0).unknown(), 1);
  EXPECT_DOUBLE_EQ(Exposures("subject: 'suppliers/c/facilities/maker'", "alice")->exposures(0).tiers(0).unknown(), 0.5);
}

class OwnershipScoreTest : public ChainApiTest {
 protected:
  OwnershipScoreTest() {
    std::vector<std::string> entries = PublicChain();
    for (const auto& [country, tonnes] : {std::make_pair("CD", 60), std::make_pair("AU", 40)}) {
      entries.push_back(absl::StrCat(
          "statistic { dataset: 'usgs-mcs-2026' year: 2024 production { mineral: 'minerals/cobalt' stage: STAGE_MINE ",
          "country: '", country, "' product: 'ore' } quantity { tonnes: ", tonnes, " basis: BASIS_CONTAINED } ",
          kSource, "}"));
    }
    pair_.Put(entries);
  }
  static std::string Mine(const std::string& id, const std::string& country, int capacity, const std::string& more) {
    return Named(
        "facility", absl::StrCat("suppliers/a/facilities/", id),
        absl::StrCat("country: 'countries/", country, "' ",
                     OutputText("STAGE_MINE", "ore",
                                absl::StrCat("capacity_tonnes_per_year: ", capacity, " basis: BASIS_CONTAINED ")),
                     more));
  }
  absl::StatusOr<v1::ScoreExplanation> Explain(const std::string& principal = "anonymous") {
    return pair_.Ask(&v1::Risk::Stub::ExplainScore, kKey, principal);
  }

  static constexpr char kKey[] =
      "key { subject: 'minerals/cobalt' stage: STAGE_MINE importer: 'countries/KR' method: METHOD_HHI_OWNERSHIP } ";
  static constexpr char kHalfChinas[] =
      "owners { display_name: 'Far' country: 'countries/CN' share: 0.5 ultimate: true } ";
};

TEST_F(OwnershipScoreTest, IsUnsetUntilAnOwnerIsKnownAndThenSaysWhoOwnsWhat) {
  const auto unset = pair_.Ask(&v1::Risk::Stub::GetScore, kKey);
  ASSERT_THAT(unset, IsOk());
  EXPECT_EQ(unset->completeness().state(), type::v1::Completeness::STATE_UNSET);
  EXPECT_THAT(unset->completeness().reasons(), ::testing::ElementsAre("NO_OWNERS"));
  pair_.Put({Mine("mine", "CD", 30, kHalfChinas), Mine("pit", "AU", 80, kHalfChinas)});
  const auto score = pair_.Ask(&v1::Risk::Stub::GetScore, kKey);
  ASSERT_THAT(score, IsOk());
  // China owns half of 30 and of the 40 that Australia makes.
  EXPECT_NEAR(score->value(), 1225, 1e-9);
  EXPECT_NEAR(score->bounds().upper(), 10'000, 1e-9);
  EXPECT_EQ(score->edition(), "hhi_ownership");
  EXPECT_EQ(score->top_country(), "CN");
  EXPECT_EQ(score->known_stages(), 1);
  EXPECT_EQ(score->key().importer(), "");
  EXPECT_EQ(score->components(0).name(), "owner_known");
  EXPECT_NEAR(score->components(0).value(), 0.35, 1e-12);
  EXPECT_EQ(score->notes(0), "CAPACITY_EXCEEDS_OUTPUT:AU");
  const auto explanation = Explain();
  ASSERT_THAT(explanation, IsOk());
  EXPECT_EQ(explanation->inputs(0).role(), "owner");
  EXPECT_NEAR(explanation->inputs(0).contribution(), 1225, 1e-9);
  EXPECT_EQ(explanation->inputs(1).facility(), "suppliers/a/facilities/pit");
  EXPECT_EQ(explanation->inputs(1).quantity().tonnes(), 80);
  EXPECT_EQ(explanation->inputs(1).provenance().source(), "a test");
  EXPECT_THAT(explanation->assumptions(0), ::testing::HasSubstr("at capacity"));
}

TEST_F(OwnershipScoreTest, IsTheSameForWhoMayReadMore) {
  pair_.Put({Mine("mine", "CD", 30, kHalfChinas)});
  pair_.Put({Mine("pit", "AU", 40, absl::StrCat(kHalfChinas, kAlices))}, "alice");
  EXPECT_EQ(Explain("alice")->DebugString(), Explain()->DebugString());
  EXPECT_NEAR(Explain("alice")->score().value(), 225, 1e-9);
}

TEST_F(OwnershipScoreTest, IsComputedOnRequestAndNotKept) {
  pair_.Put({Mine("mine", "CD", 30, kHalfChinas)});
  const auto listed = pair_.Ask(&v1::Risk::Stub::ListScores, std::string("filter { method: METHOD_HHI_OWNERSHIP }"));
  ASSERT_THAT(listed, IsOk());
  EXPECT_EQ(listed->scores_size(), 0);
  EXPECT_THAT(pair_.Ask(&v1::Risk::Stub::ListScoreYears, kKey), BlamesField("key.method"));
  EXPECT_THAT(pair_.Ask(&v1::Risk::Stub::ExplainScore, absl::StrCat(kKey, "since_revision: 1")),
              HasError(absl::StatusCode::kFailedPrecondition, "SCORE_NOT_KEPT"));
  const auto history = pair_.Ask(&v1::Risk::Stub::ListScoreHistory, kKey);
  ASSERT_THAT(history, IsOk());
  EXPECT_EQ(history->records_size(), 0);
  EXPECT_THAT(pair_.Ask(&v1::Risk::Stub::GetScore, std::string("key { subject: 'minerals/none' stage: STAGE_MINE "
                                                               "method: METHOD_HHI_OWNERSHIP }")),
              HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

}  // namespace
}  // namespace orewatch::risk
