#include "services/risk/api/chain_answers.h"

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "services/risk/domain/chain_editor.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;

constexpr char kCobalt[] = "minerals/cobalt";

std::string Plant(const std::string& id) { return absl::StrCat("suppliers/s/facilities/", id); }

// Plants of one supplier, of which "many" has five sources, and the others one each.
class ChainAnswersTest : public ::testing::Test {
 protected:
  ChainAnswersTest() {
    changes_.minerals[kCobalt] = true;
    changes_.chain.suppliers["suppliers/s"] = SupplierFact{};
    for (const char* id : {"a", "many", "z"}) {
      FacilityFact plant;
      FacilityInput ore;
      ore.mineral = kCobalt;
      ore.product = "ore";
      plant.inputs = {ore};
      changes_.chain.facilities[Plant(id)] = plant;
    }
    for (int i = 0; i < 5; ++i) {
      FacilityFact mine;
      mine.country = "CD";
      mine.outputs = {{kCobalt, 1, "ore", "", std::nullopt}};
      const std::string name = absl::StrCat("suppliers/m/facilities/", i);
      changes_.chain.facilities[name] = mine;
      Connect(name, "many", 0.1 * (1 + i % 2));
    }
    Connect("suppliers/m/facilities/0", "a", 1);
    Connect("suppliers/m/facilities/1", "z", 1);
  }
  void Connect(const std::string& from, const std::string& to, double share) {
    ChainLinkFact link;
    link.name = absl::StrCat("links/", changes_.chain.links.size());
    link.from = from;
    link.to = Plant(to);
    link.mineral = kCobalt;
    link.product = "ore";
    link.share = share;
    changes_.chain.links[link.name] = link;
  }
  Snapshot Now() {
    ChainEditor editor(1);
    return {"a-lineage", "a-digest", Model(Parameters()).Apply(changes_, 1), editor.Apply(changes_.chain),
            absl::UnixEpoch()};
  }
  template <typename Response, typename Request>
  absl::StatusOr<Response> Ask(const Request& request) {
    const Snapshot now = Now();
    const Paging paging{[&](const std::string&, int64_t) { return std::optional(now); }, "a secret", absl::UnixEpoch()};
    return Answer(request, now, asker_, paging);
  }

  Changes changes_;
  Asker asker_{"anonymous"};
};

TEST_F(ChainAnswersTest, ANodeThatIsTooLargeIsListedWithTheReasonAndTheListingGoesOn) {
  asker_.max_links = 4;
  v1::ListExposuresRequest request;
  request.set_subject("suppliers/s");
  request.set_group_by(v1::GROUP_BY_FACILITY);
  std::vector<std::string> names;
  std::vector<std::string> too_large;
  int pages = 0;
  do {
    const auto page = Ask<v1::ListExposuresResponse>(request);
    ASSERT_THAT(page, IsOk());
    for (const v1::Exposure& exposure : page->exposures()) {
      names.push_back(exposure.name());
      EXPECT_EQ(exposure.tiers_size(), exposure.unset_reasons().empty() ? kMaxTier : 0);
      if (!exposure.unset_reasons().empty()) {
        EXPECT_THAT(exposure.unset_reasons(), ElementsAre("CHAIN_TOO_LARGE"));
        too_large.push_back(exposure.name());
      }
    }
    request.set_page_token(page->next_page_token());
    ASSERT_LT(++pages, 5);
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre(Plant("a"), Plant("many"), Plant("z")));
  EXPECT_THAT(too_large, ElementsAre(Plant("many")));
}

TEST_F(ChainAnswersTest, OneLinkIsLookedAtWhateverLiesBeyond) {
  for (int i = 0; i < 5; ++i) {
    changes_.chain.links[absl::StrCat("links/", i)]->to = "suppliers/m/facilities/0";
  }
  asker_.max_links = 1;
  v1::ListSupplyPathsRequest request;
  request.set_subject(Plant("a"));
  request.set_mineral(kCobalt);
  request.set_tier(1);
  const auto near = Ask<v1::ListSupplyPathsResponse>(request);
  ASSERT_THAT(near, IsOk());
  EXPECT_EQ(near->paths_size(), 1);
  request.set_tier(2);
  EXPECT_THAT(Ask<v1::ListSupplyPathsResponse>(request),
              HasError(absl::StatusCode::kFailedPrecondition, "CHAIN_TOO_LARGE"));
}

TEST_F(ChainAnswersTest, PathsGoOnWhereThePageBeforeEnded) {
  changes_.chain.links["links/3"]->share = std::nullopt;
  v1::ListSupplyPathsRequest request;
  request.set_subject(Plant("many"));
  request.set_mineral(kCobalt);
  request.set_tier(1);
  request.set_page_size(2);
  std::vector<std::string> links;
  do {
    const auto page = Ask<v1::ListSupplyPathsResponse>(request);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->more(), !page->next_page_token().empty());
    for (const v1::SupplyPath& path : page->paths()) {
      links.push_back(path.links(0));
    }
    request.set_page_token(page->next_page_token());
    ASSERT_LE(links.size(), 5U);
  } while (!request.page_token().empty());
  EXPECT_THAT(links, ElementsAre("links/1", "links/0", "links/2", "links/4", "links/3"));
  request.set_page_token("rubbish");
  EXPECT_THAT(Ask<v1::ListSupplyPathsResponse>(request), BlamesField("page_token"));
}

TEST_F(ChainAnswersTest, AlternativesComeInPagesHoweverManyThereAre) {
  changes_.chain.facilities[Plant("z")]->inputs[0].qualified = {"suppliers/m/facilities/3"};
  asker_.max_links = 2;
  v1::ListAlternativesRequest request;
  request.set_subject(Plant("z"));
  request.set_mineral(kCobalt);
  request.set_product("ore");
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    const auto page = Ask<v1::ListAlternativesResponse>(request);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->more(), !page->next_page_token().empty());
    for (const v1::Alternative& alternative : page->alternatives()) {
      names.push_back(alternative.facility());
    }
    request.set_page_token(page->next_page_token());
    ASSERT_LE(names.size(), 4U);
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("suppliers/m/facilities/3", "suppliers/m/facilities/0", "suppliers/m/facilities/2",
                                 "suppliers/m/facilities/4"));
}

TEST_F(ChainAnswersTest, AMineralThatMustBeGivenIsAskedFor) {
  v1::ListAlternativesRequest request;
  request.set_subject(Plant("z"));
  const auto answer = Ask<v1::ListAlternativesResponse>(request);
  EXPECT_THAT(answer, BlamesField("mineral"));
  EXPECT_THAT(answer.status().message(), ::testing::HasSubstr("must be given"));
}

}  // namespace
}  // namespace orewatch::risk
