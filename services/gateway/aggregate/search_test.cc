#include "services/gateway/aggregate/search.h"

#include "common/testing/matchers.h"
#include "services/gateway/aggregate/text_relevance.h"

namespace orewatch::gateway {
namespace {

using gateway::v1::SearchPosition;
using gateway::v1::SectionStatus;
using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Names(const SearchPage& page) {
  std::vector<std::string> names;
  for (const auto& result : page.response.results()) {
    names.push_back(result.name());
  }
  return names;
}

TEST(TextRelevanceTest, EveryTermMustBeginAWordAndATitleCountsMore) {
  const SearchedText text = {WordsOf("Cobalt is concentrated"), WordsOf("alerts/x minerals/cobalt")};
  EXPECT_FALSE(RelevanceOf(text, {"cobalt", "nickel"}).has_value());
  EXPECT_FALSE(RelevanceOf(text, {"balt"}).has_value());
  const double in_both = *RelevanceOf(text, {"cob"});
  const double in_body = *RelevanceOf(text, {"minerals"});
  EXPECT_GT(in_both, in_body);
  EXPECT_GT(*RelevanceOf(text, {"cob", "minerals"}), in_both);
}

TEST(TextRelevanceTest, WordsAreCutAtPunctuationAndLoweredInAscii) {
  EXPECT_THAT(WordsOf("  EU-2023: Séléné, \"x\""), ElementsAre("eu", "2023", "s\xC3\xA9l\xC3\xA9n\xC3\xA9", "x"));
  EXPECT_THAT(WordsOf("--"), IsEmpty());
}

class SearchTest : public ::testing::Test {
 protected:
  SearchTest() {
    parts_.resources = ParseProto<registry::v1::SearchResponse>(R"pb(
      results {
        entry { mineral { name: "minerals/cobalt" } }
        score: 2.1
      }
      results {
        entry { supplier { name: "suppliers/cobalt-co" } }
        score: 1
      }
      revision { lineage: "l" number: 7 })pb");
    parts_.alerts = ParseProto<alerting::v1::ListAlertsResponse>(R"pb(
      alerts { name: "alerts/1" summary: "Cobalt" }
      alerts {
        name: "alerts/2"
        subject { subject: "minerals/cobalt" }
      }
      alerts { name: "alerts/3" summary: "Nickel" })pb");
    parts_.rules = ParseProto<alerting::v1::ListRulesResponse>(R"pb(
      rules { name: "rules/one" display_name: "Cobalt" }
      rules {
        name: "rules/two"
        labels { key: "team" value: "cobalt" }
      })pb");
  }
  absl::StatusOr<SearchPage> Page(int size, const SearchPosition& position = {}) {
    return MakeSearchPage("cobalt", size, position, parts_);
  }
  SearchParts parts_;
};

TEST_F(SearchTest, AllKindsAreRankedTogether) {
  const auto page = Page(20);
  ASSERT_THAT(page, IsOk());
  EXPECT_FALSE(page->more);
  EXPECT_EQ(page->response.results_size(), 6);
  for (int i = 1; i < page->response.results_size(); ++i) {
    EXPECT_GE(page->response.results(i - 1).score(), page->response.results(i).score()) << i;
  }
  EXPECT_THAT(Names(*page), ::testing::IsSupersetOf({"minerals/cobalt", "alerts/1", "alerts/2", "rules/one",
                                                     "rules/two", "suppliers/cobalt-co"}));
}

TEST_F(SearchTest, PagesTogetherAreTheWholeAndNothingComesTwice) {
  const std::vector<std::string> all = Names(*Page(20));
  std::vector<std::string> paged;
  SearchPosition position;
  for (bool more = true; more;) {
    const auto page = Page(1, position);
    ASSERT_THAT(page, IsOk());
    const auto names = Names(*page);
    paged.insert(paged.end(), names.begin(), names.end());
    position = page->next;
    more = page->more;
    if (position.registry_done()) {
      parts_.resources = absl::UnknownError("not asked");
    }
  }
  EXPECT_EQ(paged, all);
}

TEST_F(SearchTest, APageEndsWhereTheRegistryMayHaveBetterOnes) {
  parts_.resources->set_next_page_token("next");
  const auto page = Page(20);
  ASSERT_THAT(page, IsOk());
  EXPECT_TRUE(page->more);
  EXPECT_EQ(Names(*page).back(), "suppliers/cobalt-co") << "what ranks lower waits";
  EXPECT_EQ(page->next.registry_token(), "next");
  EXPECT_EQ(page->next.registry_taken(), 0);
  EXPECT_EQ(page->response.sections().registry().state(), SectionStatus::STATE_FRESH);
}

TEST_F(SearchTest, WhoDidNotAnswerIsMarked) {
  parts_.resources = absl::UnavailableError("gone");
  const auto page = Page(20);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->response.sections().registry().state(), SectionStatus::STATE_UNAVAILABLE);
  EXPECT_EQ(page->response.results_size(), 4);
  parts_.resources = InvalidField("kinds[0]", "is none");
  EXPECT_THAT(Page(20), BlamesField("kinds[0]"));
  SearchParts nobody;
  EXPECT_THAT(MakeSearchPage("x", 1, {}, nobody), HasError(absl::StatusCode::kUnavailable, "NO_SECTION"));
}

}  // namespace
}  // namespace orewatch::gateway
