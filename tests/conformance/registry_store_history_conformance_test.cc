// Deletion, history, digests, compaction, followers and restores: what every engine of the registry's store promises.
#include <random>

#include "services/registry/domain/change_digest.h"
#include "tests/conformance/registry_store_fixture.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;

constexpr char kCobalt[] = "minerals/cobalt";

class StoreHistoryTest : public StoreTest {
 protected:
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
    const auto read = store_->ReadHistory({{Kind::kMineral, kCobalt}, from, newest_first, max_rows, 1'000'000});
    EXPECT_THAT(read, IsOk());
    for (const v1::ChangeSet& set : read->sets) {
      const v1::Change& change = set.changes(0);
      history.push_back(absl::StrCat(set.revision().number(), " ", change.operation(), " ",
                                     change.before().mineral().display_name(), ">",
                                     change.after().mineral().display_name(), " by ", set.principal().subject()));
    }
    return history;
  }
};

TEST_P(StoreHistoryTest, KeepsWhatIsDeletedUntilItIsPurged) {
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

TEST_P(StoreHistoryTest, TellsWhatHappenedToOneResourceFromEitherEnd) {
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

TEST_P(StoreHistoryTest, CompactionMovesVersionsButNotTheirHistory) {
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

// The digest of each revision, as it follows from the changes.
void CheckDigests(RegistryStore& store) {
  std::string digest;
  for (int64_t revision = 1; revision <= store.head(); ++revision) {
    const v1::ChangeSet set = *store.ReadChanges(revision, 0, 1 << 20);
    digest = DigestOf(set, digest, store.secret());
    ASSERT_EQ(set.digest(), digest) << revision;
    ASSERT_EQ(*store.DigestAt(revision), digest) << revision;
  }
}

TEST_P(StoreHistoryTest, ADigestFollowsFromTheWholeHistory) {
  ASSERT_THAT(Put(Mineral("a")), IsOk());
  // A write that failed leaves no trace in the chain.
  EXPECT_THAT(Run([](WriteTransaction& t) -> absl::Status {
                OREWATCH_RETURN_IF_ERROR(t.Put(Kind::kMineral, "minerals/b", Mineral("b")));
                return absl::AbortedError("no");
              }),
              HasCode(absl::StatusCode::kAborted));
  ASSERT_THAT(Put(Mineral("a", "A")), IsOk());
  EXPECT_EQ(*store_->DigestAt(0), "");
  EXPECT_THAT(store_->DigestAt(3), HasCode(absl::StatusCode::kNotFound));
  CheckDigests(*store_);
  Reopen();
  ASSERT_THAT(Put(Mineral("c")), IsOk());
  CheckDigests(*store_);
}

TEST_P(StoreHistoryTest, TheSameWritesElsewhereHaveADigestThatNobodyCanForesee) {
  const auto other_engine = GetParam().make();
  const auto other = other_engine->Open(clock_);
  ASSERT_THAT(Put(Mineral("a")), IsOk());
  ASSERT_THAT(PutTo(*other, Mineral("a")), IsOk());
  EXPECT_EQ(store_->ReadChanges(1, 0, 1 << 20)->commit_time().nanos(),
            other->ReadChanges(1, 0, 1 << 20)->commit_time().nanos());
  EXPECT_NE(*store_->DigestAt(1), *other->DigestAt(1));
}

// Creates, updates, deletes, undeletes and purges at random, several entries in a set; the same for the same seed.
void WriteAtRandom(RegistryStore& store, int seed, int count) {
  std::mt19937 random(static_cast<unsigned>(seed));
  for (int i = 0; i < count; ++i) {
    const Author author{absl::StrCat("author", random() % 3), absl::StrCat("request", i)};
    const auto names = {absl::StrCat("m", random() % 6), absl::StrCat("n", random() % 6)};
    const unsigned choice = random() % 4;
    ASSERT_THAT(
        store.Commit(author,
                     [&](WriteTransaction& t) -> absl::Status {
                       for (const std::string& id : names) {
                         const std::string name = absl::StrCat("minerals/", id);
                         OREWATCH_ASSIGN_OR_RETURN(const auto found, t.Find(Kind::kMineral, name));
                         if (choice == 0 && found.has_value() && found->delete_time.has_value()) {
                           OREWATCH_RETURN_IF_ERROR(t.Delete(Kind::kMineral, name));
                         } else if (choice == 1 && found.has_value() && !found->delete_time.has_value()) {
                           OREWATCH_RETURN_IF_ERROR(t.MarkDeleted(Kind::kMineral, name));
                         } else {
                           OREWATCH_RETURN_IF_ERROR(t.Put(Kind::kMineral, name, Mineral(id, absl::StrCat("v", i))));
                         }
                       }
                       return absl::OkStatus();
                     }),
        IsOk());
  }
}

TEST_P(StoreHistoryTest, EveryEngineKeepsTheSameHistoryForTheSameWrites) {
  constexpr int kSets = 120;
  FakeClock reference_clock(clock_.Now());
  const auto reference_engine = AllEngines().front().make();
  const auto reference = reference_engine->Open(reference_clock);
  WriteAtRandom(*reference, 3, kSets);
  WriteAtRandom(*store_, 3, kSets);
  for (int64_t revision = 1; revision <= kSets; ++revision) {
    auto ours = *store_->ReadChanges(revision, 0, 1 << 20);
    auto theirs = *reference->ReadChanges(revision, 0, 1 << 20);
    for (v1::ChangeSet* set : {&ours, &theirs}) {
      set->mutable_revision()->clear_lineage();
      set->clear_digest();
    }
    ASSERT_EQ(ours.SerializeAsString(), theirs.SerializeAsString()) << ours.DebugString() << theirs.DebugString();
  }
  CheckDigests(*store_);
  CheckDigests(*reference);
}

TEST_P(StoreHistoryTest, ACompactionNeverGivesBackWhatOneBeforeItTook) {
  for (const char* name : {"One", "Two", "Three"}) {
    ASSERT_THAT(Put(Mineral("cobalt", name)), IsOk());
  }
  for (const int64_t revision : {3, 2}) {
    ASSERT_THAT(Run([&](WriteTransaction& transaction) { return transaction.Compact(revision); }), IsOk());
    EXPECT_EQ(store_->earliest(), 3);
  }
}

TEST_P(StoreHistoryTest, AReadBelowACompactionIsRefused) {
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_THAT(Put(Mineral(id)), IsOk());
  }
  ASSERT_THAT(Run([](WriteTransaction& t) { return t.Compact(2); }), IsOk());
  EXPECT_THAT(store_->List({Kind::kMineral, "", "", 1, 10, 1 << 20}),
              HasError(absl::StatusCode::kOutOfRange, "REVISION_COMPACTED"));
  EXPECT_EQ(store_->List({Kind::kMineral, "", "", 2, 10, 1 << 20})->entries.size(), 2U);
  EXPECT_THAT(store_->ReadChanges(2, 0, 1 << 20), HasError(absl::StatusCode::kOutOfRange, "REVISION_COMPACTED"));
  EXPECT_THAT(store_->ReadChanges(4, 0, 1 << 20), HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_P(StoreHistoryTest, WhatWasRestoredGoesOnUnderANewLineage) {
  ASSERT_THAT(Put(Mineral("a")), IsOk());
  const std::string lineage = store_->lineage();
  const std::string secret = store_->secret();
  EXPECT_EQ(secret.size(), 32U);
  Reopen();
  EXPECT_EQ(store_->lineage(), lineage);
  store_.reset();
  engine_->Save();
  Reopen();
  ASSERT_THAT(Put(Mineral("b")), IsOk());
  store_.reset();
  engine_->Restore();
  Reopen();
  EXPECT_EQ(store_->head(), 1);
  EXPECT_NE(store_->lineage(), lineage);
  EXPECT_EQ(store_->secret(), secret);
  EXPECT_EQ(store_->ReadChanges(1, 0, 1 << 20)->revision().lineage(), store_->lineage());
  const std::string renewed = store_->lineage();
  Reopen();
  EXPECT_EQ(store_->lineage(), renewed);
}

TEST_P(StoreHistoryTest, KnowsTheRevisionAtATimeAndTheSlowestFollower) {
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

TEST_P(StoreHistoryTest, FindsSeveralAtOneRevision) {
  ASSERT_THAT(Put(Mineral("a")), IsOk());
  const auto found = store_->FindAll({{Kind::kMineral, "minerals/a"}, {Kind::kMineral, "minerals/b"}}, 1000);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->revision, 1);
  EXPECT_TRUE(found->entries[0].has_value());
  EXPECT_FALSE(found->entries[1].has_value());
  EXPECT_FALSE(found->too_large);
  const auto large = store_->FindAll({{Kind::kMineral, "minerals/a"}}, 1);
  ASSERT_THAT(large, IsOk());
  EXPECT_TRUE(large->too_large);
  EXPECT_EQ(large->revision, 1);
}

TEST_P(StoreHistoryTest, AHistoryEndsAtItsSizeButHasAChange) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(Put(Mineral("a", std::string(2000, 'x') + std::to_string(i))), IsOk());
  }
  for (const bool newest_first : {false, true}) {
    HistoryQuery query{{Kind::kMineral, "minerals/a"}, 0, newest_first, 100, 1};
    std::vector<int64_t> revisions;
    for (bool more = true; more;) {
      const auto read = store_->ReadHistory(query);
      ASSERT_THAT(read, IsOk());
      ASSERT_EQ(read->sets.size(), 1u);
      query.from = read->sets.front().revision().number();
      revisions.push_back(query.from);
      more = read->more;
    }
    EXPECT_EQ(revisions.size(), 3u);
    query = {{Kind::kMineral, "minerals/a"}, 0, newest_first, 3, 1'000'000};
    EXPECT_FALSE(store_->ReadHistory(query)->more);
    query.max_rows = 2;
    EXPECT_TRUE(store_->ReadHistory(query)->more);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, StoreHistoryTest, ::testing::ValuesIn(AllEngines()), NameOf);

}  // namespace
}  // namespace orewatch::registry
