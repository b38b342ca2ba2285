// Search, as callers see it.
#include "services/registry/api/api_fixture.h"
#include "services/registry/domain/kinds.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;

class SearchApiTest : public RegistryApiTest {
 protected:
  static constexpr char kQuery[] = "query: 'metal' page_size: 2";

  absl::StatusOr<v1::SearchResponse> Search(const std::string& page_token = "", const std::string& principal = "bob") {
    v1::SearchRequest request = testing::ParseProto<v1::SearchRequest>(kQuery);
    request.set_page_token(page_token);
    return Call(&Stub::Search, request, principal);
  }
  static std::vector<std::string> NamesIn(const v1::SearchResponse& page) {
    std::vector<std::string> names;
    for (const auto& result : page.results()) {
      names.push_back(NameIn(MessageIn(*KindOf(result.entry()), result.entry())));
    }
    return names;
  }
  absl::Status DropSearched(int64_t revision) {
    return api_->store
        ->Commit({"anonymous", ""},
                 [&](WriteTransaction& transaction) { return transaction.DropSearched(revision, 100); })
        .status();
  }
};

TEST_P(SearchApiTest, FindsOverAllKindsByPage) {
  std::vector<std::string> entries = {
      Supplier("smm", "display_name: '住友金属鉱山' legal_name: 'Sumitomo Metal Mining'")};
  for (int i = 0; i < 5; ++i) {
    entries.push_back(Mineral(absl::StrCat("m", i), "display_name: 'Rare metal'"));
  }
  ASSERT_THAT(Put(entries), IsOk());
  EXPECT_EQ(CallText(&Stub::Search, "query: '金属'")->results(0).entry().supplier().name(), "suppliers/smm");
  v1::SearchRequest request = testing::ParseProto<v1::SearchRequest>("query: 'metal' page_size: 4");
  const auto first = Call(&Stub::Search, request);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->results_size(), 4);
  EXPECT_GE(first->results(0).score(), first->results(3).score());
  request.set_page_token(first->next_page_token());
  const auto second = Call(&Stub::Search, request);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->results_size(), 2);
  EXPECT_EQ(second->next_page_token(), "");
  EXPECT_EQ(CallText(&Stub::Search, "query: 'metal' kinds: 'suppliers'")->results_size(), 1);
  EXPECT_EQ(CallText(&Stub::Search, "query: 'nothing'")->results_size(), 0);
  EXPECT_THAT(CallText(&Stub::Search, "query: '-'"), BlamesField("query"));
  EXPECT_THAT(CallText(&Stub::Search, "query: 'x' kinds: 'x'"), BlamesField("kinds[0]"));
  request.set_query("other");
  EXPECT_THAT(Call(&Stub::Search, request), BlamesField("page_token"));
}

TEST_P(SearchApiTest, AllPagesShowTheRevisionOfTheFirst) {
  std::vector<std::string> entries;
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    entries.push_back(Supplier(id, "display_name: 'Metal'"));
  }
  ASSERT_THAT(Put(entries), IsOk());
  const auto first = Search();
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(NamesIn(*first), ElementsAre("suppliers/a", "suppliers/b"));
  ASSERT_THAT(Put({Supplier("c", "display_name: 'Wood'"), Supplier("f", "display_name: 'Metal metal'")}), IsOk());
  ASSERT_THAT(CallText(&Stub::DeleteSupplier, "name: 'suppliers/d'"), IsOk());
  ASSERT_THAT(Put({Supplier("e", "display_name: 'Metal' visibility { owner: 'alice' }")}), IsOk());
  const auto second = Search(first->next_page_token());
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(NamesIn(*second), ElementsAre("suppliers/c", "suppliers/d"));
  EXPECT_EQ(second->results(0).entry().supplier().display_name(), "Metal");
  EXPECT_FALSE(second->results(1).entry().supplier().metadata().has_delete_time());
  const auto third = Search(second->next_page_token());
  ASSERT_THAT(third, IsOk());
  EXPECT_THAT(NamesIn(*third), ElementsAre("suppliers/e"));
  EXPECT_EQ(third->next_page_token(), "");
  for (const auto* page : {&*second, &*third}) {
    EXPECT_EQ(page->revision().number(), first->revision().number());
  }
  const auto anew = Search();
  EXPECT_THAT(NamesIn(*anew), ElementsAre("suppliers/f", "suppliers/a"));
  EXPECT_THAT(NamesIn(*Search(anew->next_page_token())), ElementsAre("suppliers/b"));
}

TEST_P(SearchApiTest, WhatIsHiddenTakesNoPlaceAndNoPage) {
  std::vector<std::string> entries = {Supplier("open", "display_name: 'Of wood and of metal'")};
  for (int i = 0; i < 300; ++i) {
    entries.push_back(Supplier(absl::StrCat("h", i), "display_name: 'Metal metal' visibility { owner: 'alice' }"));
  }
  ASSERT_THAT(Put(entries), IsOk());
  const auto page = Search();
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(NamesIn(*page), ElementsAre("suppliers/open"));
  EXPECT_EQ(page->next_page_token(), "");
  EXPECT_NE(Search("", "alice")->next_page_token(), "");
}

TEST_P(SearchApiTest, AScoreTellsNothingOfOtherEntries) {
  ASSERT_THAT(Put({Supplier("a", "display_name: 'Metal'"), Supplier("b", "display_name: 'Metal and wood'")}), IsOk());
  const auto before = Search();
  ASSERT_THAT(Put({Supplier("h", "display_name: 'Metal' visibility { owner: 'alice' }"), Mineral("metal"),
                   Mineral("x", "display_name: 'Something else of a great length, and of many words'")}),
              IsOk());
  v1::SearchRequest request = testing::ParseProto<v1::SearchRequest>("query: 'metal' kinds: 'suppliers'");
  const auto after = Call(&Stub::Search, request, "bob");
  ASSERT_EQ(after->results_size(), 2);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(after->results(i).score(), before->results(i).score());
  }
}

TEST_P(SearchApiTest, PagesLastAsLongAsTheirTokensAndNoLonger) {
  ASSERT_THAT(Put({Supplier("a", "display_name: 'Metal'"), Supplier("b", "display_name: 'Metal'"),
                   Supplier("c", "display_name: 'Metal'")}),
              IsOk());
  const std::string token = Search()->next_page_token();
  ASSERT_THAT(Put({Supplier("c", "display_name: 'Wood'")}), IsOk());
  clock_.Advance(kPageTokenLife - absl::Seconds(1));
  EXPECT_FALSE(*api_->registry->DropSearched());
  EXPECT_THAT(NamesIn(*Search(token)), ElementsAre("suppliers/c"));
  clock_.Advance(absl::Seconds(2));
  EXPECT_TRUE(*api_->registry->DropSearched());
  EXPECT_FALSE(*api_->registry->DropSearched()) << "that was all";
  EXPECT_EQ(*api_->store->EarliestSearched(), api_->store->head());
  EXPECT_THAT(Search(token), HasError(absl::StatusCode::kFailedPrecondition, "PAGE_TOKEN_EXPIRED"));
  EXPECT_THAT(NamesIn(*Search()), ElementsAre("suppliers/a", "suppliers/b"));
}

TEST_P(SearchApiTest, APageWhoseRevisionIsGoneHasExpired) {
  ASSERT_THAT(Put({Supplier("a", "display_name: 'Metal'"), Supplier("b", "display_name: 'Metal'"),
                   Supplier("c", "display_name: 'Metal'")}),
              IsOk());
  const std::string token = Search()->next_page_token();
  ASSERT_THAT(Put({Supplier("c", "display_name: 'Wood'")}), IsOk());
  ASSERT_THAT(DropSearched(api_->store->head()), IsOk());
  EXPECT_THAT(Search(token), HasError(absl::StatusCode::kFailedPrecondition, "PAGE_TOKEN_EXPIRED"));
}

INSTANTIATE_TEST_SUITE_P(Engines, SearchApiTest, ::testing::ValuesIn(AllEngines()), EngineOf);

}  // namespace
}  // namespace orewatch::registry
