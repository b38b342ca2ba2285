#include "services/registry/domain/search_terms.h"

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::testing::ElementsAre;

TEST(SearchTermsTest, FoldsCaseWidthAndDiacritics) {
  EXPECT_THAT(WordsOf("Société Générale, ＬＹＮＡＳ-2 Straße"),
              ElementsAre("societe", "generale", "lynas", "2", "strasse"));
  EXPECT_THAT(WordsOf("Ελλάδα Йод"), ElementsAre("ελλαδα", "иод"));
}

TEST(SearchTermsTest, CutsUnspacedScriptsIntoPairs) {
  EXPECT_THAT(WordsOf("住友金属"), ElementsAre("住友", "友金", "金属", "属"));
  EXPECT_THAT(WordsOf("포스코 JX금속"), ElementsAre("포스", "스코", "코", "jx", "금속", "속"));
  EXPECT_THAT(WordsOf("ﾆｯｹﾙ"), ElementsAre("ニッ", "ッケ", "ケル", "ル"));
  // The voiced mark is no diacritic.
  EXPECT_NE(WordsOf("が"), WordsOf("か"));
}

TEST(SearchTermsTest, RadicalsAreNoWordsAndNumeralsAre) {
  EXPECT_THAT(WordsOf("⺀鉱⺀ 二〇"), ElementsAre("鉱", "二〇", "〇"));
}

TEST(SearchTermsTest, KeepsTheMarksOfOtherScripts) { EXPECT_THAT(WordsOf("हिन्दी"), ElementsAre("हिन्दी")); }

TEST(SearchTermsTest, WeighsNamesAboveTheRest) {
  const SearchText text = SearchTextOf(ParseProto<v1::Entry>(R"pb(
    supplier {
      name: "suppliers/lynas"
      display_name: "Lynas Rare Earths"
      aliases: "ライナス"
      country: "countries/AU"
      owners { display_name: "A Fund" }
      identifiers { key: "ticker" value: "LYC" }
      visibility { owner: "secret" }
      provenance { source: "a page" }
    })pb"));
  EXPECT_EQ(text.title, "lynas lynas rare earths ライ イナ ナス ス");
  EXPECT_EQ(text.body, "au ticker lyc a fund");
  EXPECT_EQ(text.length, 13);
  EXPECT_EQ(SearchTextOf(ParseProto<v1::Entry>(R"pb(statistic { dataset: "d" })pb")).title, "");
}

TEST(SearchTermsTest, ReadsAQueryAsWordsThatMayBeBegun) {
  const auto terms = ParseSearchQuery("Ryn 住友金属 金");
  ASSERT_THAT(terms, IsOk());
  ASSERT_EQ(terms->size(), 3U);
  EXPECT_THAT((*terms)[0].words, ElementsAre("ryn"));
  EXPECT_TRUE((*terms)[0].prefix);
  EXPECT_THAT((*terms)[1].words, ElementsAre("住友", "友金", "金属"));
  EXPECT_FALSE((*terms)[1].prefix);
  EXPECT_TRUE((*terms)[2].prefix);
  for (const std::string& bad : {std::string(), std::string("-*\"()"), std::string(300, 'x')}) {
    EXPECT_THAT(ParseSearchQuery(bad), BlamesField("query")) << bad;
  }
}

TEST(SearchTermsTest, WordsCountOnceAndAreFew) {
  EXPECT_EQ(ParseSearchQuery("n co 住友 n CO 住友")->size(), 3U);
  std::string query;
  for (int i = 0; i <= static_cast<int>(kMaxSearchTerms); ++i) {
    absl::StrAppend(&query, "w", i, " ");
  }
  EXPECT_THAT(ParseSearchQuery(query), BlamesField("query"));
}

TEST(SearchTermsTest, AsciiComesOutAsUnderTheRulesForAllScripts) {
  std::string every;
  for (char c = 1; c > 0 && c < 127; ++c) {
    absl::StrAppend(&every, "a", std::string(1, c), "B9");
  }
  // One character beyond ASCII, and the general rules apply.
  std::vector<std::string> general = WordsOf(absl::StrCat(every, " \xc3\xa9"));
  ASSERT_EQ(general.back(), "e");
  general.pop_back();
  EXPECT_EQ(WordsOf(every), general);
}

}  // namespace
}  // namespace orewatch::registry
