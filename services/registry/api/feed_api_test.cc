// Watch, ListChanges, GetHead and Compact, as callers see them.
#include "services/registry/api/api_fixture.h"
#include "services/registry/domain/validation.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

class FeedApiTest : public RegistryApiTest {
 protected:
  static std::string Aliases(char letter, size_t bytes) { return Texts("aliases: '", letter, "' ", bytes); }
  static std::string Outputs(char letter, size_t bytes) { return Texts("outputs { grade: '", letter, "' } ", bytes); }

 private:
  // Nearly so many bytes of texts, none as another.
  static std::string Texts(const char* begin, char letter, const char* end, size_t bytes) {
    constexpr size_t kTextBytes = 4000;
    std::string texts;
    for (size_t i = 0; i < bytes / kTextBytes; ++i) {
      absl::StrAppend(&texts, begin, i, std::string(kTextBytes - 20, letter), end);
    }
    return texts;
  }
};

TEST_P(FeedApiTest, AFilteredWatchBringsItsPartAndBookmarksTheRest) {
  ASSERT_THAT(Put({Mineral("a"), Supplier("s")}), IsOk());
  ASSERT_THAT(Put({Mineral("b")}), IsOk());
  ASSERT_THAT(Put({Mineral("c")}), IsOk());
  Watcher watcher(*api_->stub, "kinds: 'suppliers'");
  const v1::ChangeSet first = watcher.Next();
  ASSERT_EQ(first.changes_size(), 1);
  EXPECT_EQ(first.changes(0).name(), "suppliers/s");
  EXPECT_FALSE(first.digest().empty());
  const v1::ChangeSet bookmark = watcher.Next();
  EXPECT_TRUE(bookmark.bookmark());
  EXPECT_EQ(bookmark.revision().number(), 3);
  EXPECT_EQ(bookmark.digest(), *api_->store->DigestAt(3));
  EXPECT_EQ(bookmark.changes_size(), 0);
  ASSERT_THAT(Put({Supplier("s", "display_name: 'S'")}), IsOk());
  EXPECT_EQ(watcher.Next().revision().number(), 4);

  Watcher named(*api_->stub, "names: 'minerals/b'");
  EXPECT_EQ(named.Next().changes(0).name(), "minerals/b");
  EXPECT_THAT(Watcher::Refused(*api_->stub, "kinds: 'x'"), BlamesField("kinds[0]"));
  std::string many;
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&many, "kinds: 'suppliers' ");
  }
  EXPECT_THAT(Watcher::Refused(*api_->stub, many), BlamesField("kinds"));
  EXPECT_THAT(Watcher::Refused(*api_->stub, "names: 'x'"), BlamesField("names[0]"));
  EXPECT_THAT(Watcher::Refused(*api_->stub, "follower: 'Not One'"), BlamesField("follower"));
}

TEST_P(FeedApiTest, AFilteredWatchEndsEveryRevisionThatItBegan) {
  std::vector<std::string> entries;
  entries.reserve(803);
  for (int i = 0; i < 3; ++i) {
    entries.push_back(Supplier(absl::StrCat("s", i), absl::StrCat("display_name: '", std::string(4000, 'x'), "'")));
  }
  for (int i = 0; i < 800; ++i) {
    entries.push_back(Mineral(absl::StrCat("m", i), absl::StrCat("display_name: '", std::string(2000, 'x'), "'")));
  }
  ASSERT_THAT(Put(entries), IsOk());
  Watcher watcher(*api_->stub, "kinds: 'suppliers'");
  const v1::ChangeSet first = watcher.Next();
  EXPECT_EQ(first.changes_size(), 3);
  EXPECT_FALSE(first.last_chunk());
  const v1::ChangeSet last = watcher.Next();
  EXPECT_TRUE(last.last_chunk());
  EXPECT_FALSE(last.bookmark());
  EXPECT_EQ(last.revision().number(), 1);
}

TEST_P(FeedApiTest, GoesOnUnderAnotherLineageWithTheSameHistoryAlone) {
  ASSERT_THAT(Put({Mineral("a")}), IsOk());
  const std::string digest = *api_->store->DigestAt(1);
  v1::GetHeadRequest request;
  request.mutable_after()->set_lineage("another");
  request.mutable_after()->set_number(1);
  EXPECT_FALSE(Call(&Stub::GetHead, request)->continues());
  request.set_after_digest(digest);
  const auto head = Call(&Stub::GetHead, request);
  ASSERT_THAT(head, IsOk());
  EXPECT_TRUE(head->continues());
  EXPECT_EQ(head->digest(), digest);
  EXPECT_EQ(head->revision().lineage(), api_->store->lineage());
  EXPECT_FALSE(CallText(&Stub::GetHead, "")->continues());
  EXPECT_THAT(Watcher::Refused(*api_->stub, "after { lineage: 'another' number: 1 }"),
              HasError(absl::StatusCode::kFailedPrecondition, "LINEAGE_CHANGED"));
  EXPECT_THAT(Watcher::Refused(*api_->stub, "after { number: 2 }"),
              HasError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD"));
}

TEST_P(FeedApiTest, WatchFromBelowACompactionSaysWhereToBegin) {
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_THAT(Put({Mineral(id)}), IsOk());
  }
  EXPECT_THAT(CallText(&Stub::Compact, "revision: 2"), HasError(absl::StatusCode::kFailedPrecondition, "STILL_NEEDED"));
  clock_.Advance(Registry::kHistoryKept + absl::Seconds(1));
  EXPECT_EQ(CallText(&Stub::Compact, "revision: 2")->earliest_revision(), 2);
  const absl::Status below = Watcher::Refused(*api_->stub, "after { number: 1 }");
  EXPECT_THAT(below, HasError(absl::StatusCode::kOutOfRange, "REVISION_COMPACTED"));
  Watcher watcher(*api_->stub, "after { number: 2 }");
  EXPECT_EQ(watcher.Next().revision().number(), 3);
  EXPECT_EQ(CallText(&Stub::GetHead, "")->earliest_revision(), 2);
  EXPECT_EQ(CallText(&Stub::ListChanges, "name: 'minerals/a'")->change_sets_size(), 1);
}

TEST_P(FeedApiTest, CompactionSparesWhatAFollowerMayNotHaveReadHoweverLongItsStream) {
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_THAT(Put({Mineral(id)}), IsOk());
  }
  Watcher watcher(*api_->stub, "follower: 'risk'");
  for (int i = 0; i < 3; ++i) {
    watcher.Next();
  }
  clock_.Advance(Registry::kHistoryKept + absl::Seconds(1));
  EXPECT_THAT(CallText(&Stub::Compact, "revision: 1"), HasError(absl::StatusCode::kFailedPrecondition, "STILL_NEEDED"));
  for (const char* id : {"d", "e"}) {
    clock_.Advance(absl::Hours(1));
    ASSERT_THAT(Put({Mineral(id)}), IsOk());
    watcher.Next();
  }
  clock_.Advance(Registry::kHistoryKept);
  EXPECT_THAT(CallText(&Stub::Compact, "revision: 5"), HasError(absl::StatusCode::kFailedPrecondition, "STILL_NEEDED"))
      << "the last may be under way";
  EXPECT_THAT(CallText(&Stub::Compact, "revision: 3"), IsOk());
}

TEST_P(FeedApiTest, AChangeOfTheLargestResourceReachesWatchersAndHistory) {
  // A supplier of nearly the greatest size, with the greatest visibility, above a facility of that size.
  std::string visibility = "visibility { owner: 'alice' ";
  for (int i = 0; i < kMaxReaders; ++i) {
    absl::StrAppend(&visibility, "readers: '", i, std::string(120, 'r'), "' ");
  }
  absl::StrAppend(&visibility, "}");
  const size_t most = kMaxEntryBytes - 150'000;
  ASSERT_THAT(Put({Supplier("s", absl::StrCat(Aliases('a', most), visibility))}), IsOk());
  ASSERT_THAT(Put({Supplier("s", Aliases('b', most))}), IsOk());
  ASSERT_THAT(Put({Facility("s", "f", Outputs('a', kMaxEntryBytes - 10'000))}), IsOk());
  ASSERT_THAT(Put({Facility("s", "f", Outputs('b', kMaxEntryBytes - 10'000))}), IsOk());
  Watcher watcher(*api_->stub, "");
  for (int64_t revision = 1; revision <= 4; ++revision) {
    const v1::ChangeSet set = watcher.Next();
    EXPECT_EQ(set.revision().number(), revision);
    EXPECT_TRUE(set.last_chunk());
  }
  const auto history = CallText(&Stub::ListChanges, "name: 'suppliers/s/facilities/f'");
  ASSERT_THAT(history, IsOk());
  EXPECT_EQ(history->change_sets_size(), 1);
  EXPECT_NE(history->next_page_token(), "");
  EXPECT_THAT(Put({Supplier("t", Aliases('a', kMaxEntryBytes + 10'000))}), BlamesField("mutations[0].entry.supplier"));
  EXPECT_THAT(CallText(&Stub::UpdateSupplier,
                       "supplier { name: 'suppliers/s' legal_name: 'x' } update_mask { paths: 'legal_name' }"),
              IsOk());
}

TEST_P(FeedApiTest, PagesOfHistoryEndBeforeTheyOutgrowAMessage) {
  const std::string aliases = Aliases('x', 800'000);
  for (int i = 0; i < 7; ++i) {
    ASSERT_THAT(Put({Supplier("s", absl::StrCat("display_name: '", i, "' ", aliases))}), IsOk());
  }
  v1::ListChangesRequest request =
      testing::ParseProto<v1::ListChangesRequest>("name: 'suppliers/s' oldest_first: true");
  int64_t seen = 0;
  int pages = 0;
  do {
    const auto page = Call(&Stub::ListChanges, request);
    ASSERT_THAT(page, IsOk());
    for (const v1::ChangeSet& set : page->change_sets()) {
      EXPECT_EQ(set.revision().number(), ++seen);
    }
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, 7);
  EXPECT_GT(pages, 2);
}

TEST_P(FeedApiTest, ABatchThatOutgrowsAMessageIsRefusedByItsNames) {
  v1::BatchGetRequest request;
  for (int i = 0; i < 5; ++i) {
    const std::string id = absl::StrCat("s", i);
    ASSERT_THAT(Put({Supplier(id, Aliases('x', 800'000))}), IsOk());
    request.add_names(absl::StrCat("suppliers/", id));
  }
  EXPECT_THAT(Call(&Stub::BatchGet, request), BlamesField("names"));
  request.mutable_names()->RemoveLast();
  request.mutable_names()->RemoveLast();
  EXPECT_EQ(Call(&Stub::BatchGet, request)->entries_size(), 3);
}

TEST_P(FeedApiTest, ListChangesTellsWhoWhenAndWhatByPage) {
  for (const char* name : {"A", "B", "C"}) {
    ASSERT_THAT(Put({Mineral("a", absl::StrCat("display_name: '", name, "'"))}, name), IsOk());
  }
  ASSERT_THAT(CallText(&Stub::DeleteMineral, "name: 'minerals/a' request_id: 'r9'"), IsOk());
  const auto newest = CallText(&Stub::ListChanges, "name: 'minerals/a' page_size: 3");
  ASSERT_THAT(newest, IsOk());
  ASSERT_EQ(newest->change_sets_size(), 3);
  EXPECT_EQ(newest->change_sets(0).changes(0).operation(), v1::Change::OPERATION_DELETE);
  EXPECT_EQ(newest->change_sets(0).request_id(), "r9");
  EXPECT_EQ(newest->change_sets(1).principal().subject(), "C");
  EXPECT_EQ(newest->change_sets(1).changes(0).before().mineral().display_name(), "B");
  EXPECT_EQ(newest->revision().number(), 4);
  v1::ListChangesRequest next = testing::ParseProto<v1::ListChangesRequest>("name: 'minerals/a' page_size: 3");
  next.set_page_token(newest->next_page_token());
  const auto rest = Call(&Stub::ListChanges, next);
  ASSERT_THAT(rest, IsOk());
  ASSERT_EQ(rest->change_sets_size(), 1);
  EXPECT_EQ(rest->change_sets(0).changes(0).operation(), v1::Change::OPERATION_CREATE);
  EXPECT_EQ(rest->next_page_token(), "");
  v1::ListChangesRequest oldest =
      testing::ParseProto<v1::ListChangesRequest>("name: 'minerals/a' oldest_first: true page_size: 3");
  const auto first = Call(&Stub::ListChanges, oldest);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->change_sets(0).revision().number(), 1);
  // What happens meanwhile is of no page that has been begun.
  ASSERT_THAT(CallText(&Stub::UndeleteMineral, "name: 'minerals/a'"), IsOk());
  oldest.set_page_token(first->next_page_token());
  const auto last = Call(&Stub::ListChanges, oldest);
  ASSERT_THAT(last, IsOk());
  ASSERT_EQ(last->change_sets_size(), 1);
  EXPECT_EQ(last->change_sets(0).revision().number(), 4);
  EXPECT_EQ(last->revision().number(), 4);
  next.set_name("minerals/b");
  EXPECT_THAT(Call(&Stub::ListChanges, next), BlamesField("page_token"));
  EXPECT_THAT(CallText(&Stub::ListChanges, "name: 'minerals/b'"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(CallText(&Stub::ListChanges, "name: 'x'"), BlamesField("name"));
}

INSTANTIATE_TEST_SUITE_P(Engines, FeedApiTest, ::testing::ValuesIn(AllEngines()), EngineOf);

}  // namespace
}  // namespace orewatch::registry
