// Deletion, history, digests, compaction and search: what every engine of the store promises, on a real file.
#include "services/registry/store/store_fixture.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;

constexpr char kCobalt[] = "minerals/cobalt";

class StoreHistoryTest : public StoreTest {
 protected:
  absl::StatusOr<Committed> Run(const Write& write, const Author& author = kAnybody) {
    return store_->Commit(author, write);
  }
  void MarkDeleted(const std::string& name) {
    ASSERT_THAT(Run([&](WriteTransaction& t) { return t.MarkDeleted(Kind::kMineral, name); }), IsOk());
  }
  bool Existed(const std::string& name) {
    bool existed = false;
    EXPECT_THAT(Run([&](WriteTransaction& t) -> absl::Status {
                  OREWATCH_ASSIGN_OR_RETURN(existed, t.Existed(Kind::kMineral, name));
                  return absl::OkStatus();
                }),
                IsOk());
    return existed;
  }
  std::vector<std::string> Names(bool show_deleted) {
    std::vector<std::string> names;
    const auto page = store_->List({Kind::kMineral, "", "", store_->head(), 100, 1 << 20, show_deleted});
    for (const StoredEntry& entry : page->entries) {
      names.push_back(entry.key);
    }
    return names;
  }
  // `CREATE 1:cobalt`, for each change of a mineral.
  std::vector<std::string> History(bool newest_first, int64_t from = 0, size_t max_rows = 100) {
    std::vector<std::string> history;
    const auto sets = store_->ReadHistory({{Kind::kMineral, kCobalt}, from, newest_first, max_rows});
    EXPECT_THAT(sets, IsOk());
    for (const v1::ChangeSet& set : *sets) {
      const v1::Change& change = set.changes(0);
      history.push_back(absl::StrCat(set.revision().number(), " ", change.operation(), " ",
                                     change.before().mineral().display_name(), ">",
                                     change.after().mineral().display_name(), " by ", set.principal().subject()));
    }
    return history;
  }
  std::vector<std::string> Found(const std::string& query, std::vector<Kind> kinds = {}) {
    std::vector<std::string> keys;
    const auto hits = store_->Search({*ParseSearchQuery(query), std::move(kinds), 0, 10});
    EXPECT_THAT(hits, IsOk());
    for (const SearchHit& hit : *hits) {
      keys.push_back(hit.stored.key);
    }
    return keys;
  }
};

TEST_F(StoreHistoryTest, KeepsWhatIsDeletedUntilItIsPurged) {
  ASSERT_THAT(Put(Mineral("cobalt", "Cobalt")), IsOk());
  ASSERT_THAT(Put(Mineral("tin")), IsOk());
  clock_.Advance(absl::Hours(1));
  MarkDeleted(kCobalt);
  const auto deleted = *store_->Find(Kind::kMineral, kCobalt);
  ASSERT_TRUE(deleted.has_value());
  EXPECT_EQ(deleted->delete_time, clock_.Now());
  EXPECT_EQ(deleted->entry.mineral().display_name(), "Cobalt");
  EXPECT_THAT(Names(false), ElementsAre("minerals/tin"));
  EXPECT_THAT(Names(true), ElementsAre(kCobalt, "minerals/tin"));
  EXPECT_EQ(MineralsAt(2).size(), 2U);
  EXPECT_THAT(Run([](WriteTransaction& t) { return t.MarkDeleted(Kind::kMineral, kCobalt); }),
              HasCode(absl::StatusCode::kNotFound));

  EXPECT_THAT(*store_->DeletedBefore(clock_.Now(), 10), ::testing::IsEmpty());
  EXPECT_EQ(store_->DeletedBefore(clock_.Now() + absl::Seconds(1), 10)->size(), 1U);
  ASSERT_THAT(Delete(kCobalt), IsOk());
  EXPECT_THAT(*store_->DeletedBefore(absl::InfiniteFuture(), 10), ::testing::IsEmpty());
  EXPECT_FALSE((*store_->Find(Kind::kMineral, kCobalt)).has_value());
  EXPECT_THAT(Names(true), ElementsAre("minerals/tin"));
  EXPECT_TRUE(Existed(kCobalt));
  EXPECT_FALSE(Existed("minerals/zinc"));
  const auto purge = store_->ReadChanges(4, 0, 1 << 20);
  ASSERT_THAT(purge, IsOk());
  EXPECT_EQ(purge->changes(0).operation(), v1::Change::OPERATION_PURGE);
  EXPECT_EQ(purge->changes(0).before().mineral().display_name(), "Cobalt");
  EXPECT_FALSE(purge->changes(0).has_after());
}

TEST_F(StoreHistoryTest, TellsWhatHappenedToOneResourceFromEitherEnd) {
  const auto put = [&](const std::string& display_name, const std::string& who) {
    ASSERT_THAT(
        Run([&](WriteTransaction& t) { return t.Put(Kind::kMineral, kCobalt, Mineral("cobalt", display_name)); },
            {who, ""}),
        IsOk());
  };
  put("a", "alice");
  put("b", "bob");
  ASSERT_THAT(Put(Mineral("tin")), IsOk());
  MarkDeleted(kCobalt);
  put("b", "alice");
  const std::vector<std::string> all = {"1 1 >a by alice", "2 2 a>b by bob", "4 3 b> by anonymous", "5 4 >b by alice"};
  EXPECT_EQ(History(false), all);
  EXPECT_EQ(History(true), std::vector<std::string>(all.rbegin(), all.rend()));
  EXPECT_THAT(History(false, 1, 2), ElementsAre(all[1], all[2]));
  EXPECT_THAT(History(true, 5, 2), ElementsAre(all[2], all[1]));
}

TEST_F(StoreHistoryTest, CompactionMovesVersionsButNotTheirHistory) {
  for (const char* display_name : {"a", "b", "c"}) {
    ASSERT_THAT(Put(Mineral("cobalt", display_name)), IsOk());
  }
  MarkDeleted(kCobalt);
  ASSERT_THAT(Delete(kCobalt), IsOk());
  ASSERT_THAT(Put(Mineral("tin")), IsOk());
  const auto before = History(false);
  ASSERT_THAT(Run([](WriteTransaction& t) { return t.Compact(3); }), IsOk());
  EXPECT_EQ(store_->earliest(), 3);
  EXPECT_EQ(store_->head(), 6);
  EXPECT_THAT(store_->ReadChanges(3, 0, 1 << 20), HasError(absl::StatusCode::kOutOfRange, "REVISION_COMPACTED"));
  EXPECT_EQ(store_->ReadChanges(4, 0, 1 << 20)->changes(0).before().mineral().display_name(), "c");
  EXPECT_EQ(MineralsAt(3).at(kCobalt), "c");
  ASSERT_THAT(Run([](WriteTransaction& t) { return t.Compact(6); }), IsOk());
  EXPECT_EQ(History(false), before);
  EXPECT_TRUE(Existed(kCobalt));
  EXPECT_EQ(MineralsAt(6).size(), 1U);
  Reopen();
  EXPECT_EQ(store_->earliest(), 6);
}

TEST_F(StoreHistoryTest, EqualHistoriesHaveEqualDigestsAndOthersNever) {
  const auto write = [&](const std::string& file, const std::string& last) {
    Reopen(file);
    EXPECT_THAT(Put(Mineral("a")), IsOk());
    EXPECT_THAT(Put(Mineral("a", last)), IsOk());
    return std::vector<std::string>{*store_->DigestAt(0), *store_->DigestAt(1), *store_->DigestAt(2)};
  };
  const auto one = write("one.db", "x");
  EXPECT_EQ(write("two.db", "x"), one);
  const auto other = write("three.db", "y");
  EXPECT_EQ(other[1], one[1]);
  EXPECT_NE(other[2], one[2]);
  EXPECT_EQ(store_->ReadChanges(2, 0, 1 << 20)->digest(), other[2]);
  EXPECT_THAT(store_->DigestAt(3), HasCode(absl::StatusCode::kNotFound));
  // A write that failed leaves no trace in the chain.
  EXPECT_THAT(Run([](WriteTransaction& t) -> absl::Status {
                OREWATCH_RETURN_IF_ERROR(t.Put(Kind::kMineral, "minerals/b", Mineral("b")));
                return absl::AbortedError("no");
              }),
              HasCode(absl::StatusCode::kAborted));
  Reopen("one.db");
  ASSERT_THAT(Put(Mineral("c")), IsOk());
  const std::string third = *store_->DigestAt(3);
  Reopen("two.db");
  ASSERT_THAT(Put(Mineral("c")), IsOk());
  EXPECT_EQ(*store_->DigestAt(3), third);
}

TEST_F(StoreHistoryTest, ARestoredFileGoesOnUnderANewLineage) {
  ASSERT_THAT(Put(Mineral("a")), IsOk());
  const std::string lineage = store_->lineage();
  Reopen();
  EXPECT_EQ(store_->lineage(), lineage);
  store_.reset();
  std::filesystem::copy_file(dir_ / "registry.db", dir_ / "backup.db");
  Reopen();
  ASSERT_THAT(Put(Mineral("b")), IsOk());
  store_.reset();
  std::filesystem::copy_file(dir_ / "backup.db", dir_ / "registry.db",
                             std::filesystem::copy_options::overwrite_existing);
  Reopen();
  EXPECT_EQ(store_->head(), 1);
  EXPECT_NE(store_->lineage(), lineage);
  const std::string renewed = store_->lineage();
  Reopen();
  EXPECT_EQ(store_->lineage(), renewed);
}

TEST_F(StoreHistoryTest, KnowsTheRevisionAtATimeAndTheSlowestFollower) {
  const absl::Time start = clock_.Now();
  ASSERT_THAT(Put(Mineral("a")), IsOk());
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(Put(Mineral("b")), IsOk());
  EXPECT_EQ(*store_->RevisionAt(start - absl::Seconds(1)), 0);
  EXPECT_EQ(*store_->RevisionAt(start + absl::Minutes(59)), 1);
  EXPECT_EQ(*store_->RevisionAt(clock_.Now()), 2);

  EXPECT_EQ(*store_->SlowestFollower(start), std::nullopt);
  const auto note = [&](const char* follower, int64_t revision) {
    ASSERT_THAT(Run([&](WriteTransaction& t) { return t.NoteFollower(follower, revision); }), IsOk());
  };
  note("risk", 1);
  clock_.Advance(absl::Hours(1));
  note("alerting", 2);
  EXPECT_EQ(*store_->SlowestFollower(start), 1);
  EXPECT_EQ(*store_->SlowestFollower(clock_.Now()), 2);
  note("risk", 2);
  EXPECT_EQ(*store_->SlowestFollower(start), 2);
  EXPECT_EQ(store_->head(), 2);
}

TEST_F(StoreHistoryTest, FindsSeveralAtOneRevision) {
  ASSERT_THAT(Put(Mineral("a")), IsOk());
  const auto found = store_->FindAll({{Kind::kMineral, "minerals/a"}, {Kind::kMineral, "minerals/b"}});
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->revision, 1);
  EXPECT_TRUE(found->entries[0].has_value());
  EXPECT_FALSE(found->entries[1].has_value());
}

TEST_F(StoreHistoryTest, SearchFindsWordsInAnyScriptAndFollowsWrites) {
  const auto put = [&](Kind kind, const v1::Entry& entry) {
    ASSERT_THAT(Run([&](WriteTransaction& t) { return t.Put(kind, NameIn(MessageIn(kind, entry)), entry); }), IsOk());
  };
  v1::Entry sumitomo;
  sumitomo.mutable_supplier()->set_name("suppliers/smm");
  sumitomo.mutable_supplier()->set_display_name("Sumitomo Metal Mining");
  sumitomo.mutable_supplier()->add_aliases("住友金属鉱山");
  put(Kind::kSupplier, sumitomo);
  v1::Entry nickel = Mineral("nickel", "Nickel");
  put(Kind::kMineral, nickel);
  v1::Entry project;
  project.mutable_project()->set_name("projects/p");
  project.mutable_project()->set_display_name("Pomalaa");
  project.mutable_project()->set_mineral("minerals/nickel");
  project.mutable_project()->add_sponsors()->set_display_name("Sumitomo");
  put(Kind::kProject, project);
  // Better where it is in the title.
  EXPECT_THAT(Found("sumitomo"), ElementsAre("suppliers/smm", "projects/p"));
  EXPECT_THAT(Found("SUMI nick"), ElementsAre("projects/p"));
  EXPECT_THAT(Found("sumitomo", {Kind::kProject, Kind::kMineral}), ElementsAre("projects/p"));
  for (const char* word : {"住友", "金属", "友金", "鉱山", "金属鉱", "山"}) {
    EXPECT_THAT(Found(word), ElementsAre("suppliers/smm")) << word;
  }
  EXPECT_THAT(Found("住金"), ElementsAre());
  nickel.mutable_mineral()->set_display_name("Ni");
  put(Kind::kMineral, nickel);
  MarkDeleted("minerals/nickel");
  EXPECT_THAT(Found("nickel"), ElementsAre("projects/p"));
  put(Kind::kMineral, nickel);
  EXPECT_THAT(Found("nickel"), ElementsAre("minerals/nickel", "projects/p"));
  EXPECT_EQ(store_->Search({*ParseSearchQuery("nickel"), {}, 1, 10})->size(), 1U);
}

}  // namespace
}  // namespace orewatch::registry
