// Watch, ListChanges, GetHead and Compact, as callers see them.
#include "services/registry/api/api_fixture.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

using FeedApiTest = RegistryApiTest;

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
  v1::ListChangesRequest next = testing::ParseProto<v1::ListChangesRequest>("name: 'minerals/a' page_size: 3");
  next.set_page_token(newest->next_page_token());
  const auto rest = Call(&Stub::ListChanges, next);
  ASSERT_THAT(rest, IsOk());
  ASSERT_EQ(rest->change_sets_size(), 1);
  EXPECT_EQ(rest->change_sets(0).changes(0).operation(), v1::Change::OPERATION_CREATE);
  EXPECT_EQ(rest->next_page_token(), "");
  EXPECT_EQ(CallText(&Stub::ListChanges, "name: 'minerals/a' oldest_first: true")->change_sets(0).revision().number(),
            1);
  next.set_name("minerals/b");
  EXPECT_THAT(Call(&Stub::ListChanges, next), BlamesField("page_token"));
  EXPECT_THAT(CallText(&Stub::ListChanges, "name: 'minerals/b'"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(CallText(&Stub::ListChanges, "name: 'x'"), BlamesField("name"));
}

INSTANTIATE_TEST_SUITE_P(Engines, FeedApiTest, ::testing::ValuesIn(AllEngines()), EngineOf);

}  // namespace
}  // namespace orewatch::registry
