// What every engine of the registry's store promises, each on real storage.
#include <map>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/testing/matchers.h"
#include "tests/conformance/registry_store_fixture.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;

// Adds one to the number in a mineral's name, which begins at none.
absl::StatusOr<Committed> Increment(RegistryStore& store) {
  return store.Commit(kAnybody, [](WriteTransaction& transaction) -> absl::Status {
    OREWATCH_ASSIGN_OR_RETURN(const auto found, transaction.Find(Kind::kMineral, "minerals/counter"));
    int64_t count = 0;
    if (found.has_value() && !absl::SimpleAtoi(found->entry.mineral().display_name(), &count)) {
      return absl::InternalError("not a number");
    }
    return transaction.Put(Kind::kMineral, "minerals/counter", Mineral("counter", absl::StrCat(count + 1)));
  });
}

TEST_P(StoreTest, GivesDenseRevisionsAndKeepsWhatItAcknowledgedOverAReopening) {
  EXPECT_EQ(Put(Mineral("cobalt"))->revision, 1);
  EXPECT_EQ(Put(Mineral("gallium"))->revision, 2);
  const std::string lineage = store_->lineage();
  Reopen();
  EXPECT_EQ(store_->head(), 2);
  EXPECT_EQ(store_->lineage(), lineage);
  EXPECT_TRUE((*store_->Find(Kind::kMineral, "minerals/cobalt")).has_value());
  EXPECT_EQ(Put(Mineral("tin"))->revision, 3);
}

TEST_P(StoreTest, ACrashKeepsWhatWasAcknowledged) {
  ASSERT_THAT(Put(Mineral("cobalt")), IsOk());
  engine_->Crash();
  Reopen();
  EXPECT_EQ(store_->head(), 1);
  EXPECT_TRUE((*store_->Find(Kind::kMineral, "minerals/cobalt")).has_value());
  EXPECT_EQ(Put(Mineral("tin"))->revision, 2);
}

TEST_P(StoreTest, AFailedWriteLeavesNothingAndTakesNoRevision) {
  const auto failed = store_->Commit(kAnybody, [](WriteTransaction& transaction) -> absl::Status {
    EXPECT_THAT(transaction.Put(Kind::kMineral, "minerals/cobalt", Mineral("cobalt")), IsOk());
    return absl::AbortedError("no");
  });
  EXPECT_THAT(failed, HasCode(absl::StatusCode::kAborted));
  EXPECT_EQ(store_->head(), 0);
  EXPECT_FALSE((*store_->Find(Kind::kMineral, "minerals/cobalt")).has_value());
}

TEST_P(StoreTest, AFailedWriteAmongOthersLeavesNothing) {
  ASSERT_THAT(Put(Mineral("cobalt", "Cobalt")), IsOk());
  // All that come while the first is under way are one group.
  absl::Notification started;
  absl::Notification go_on;
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    EXPECT_THAT(store_->Commit(kAnybody,
                               [&](WriteTransaction&) {
                                 started.Notify();
                                 go_on.WaitForNotification();
                                 return absl::OkStatus();
                               }),
                IsOk());
  });
  started.WaitForNotification();
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([&, i] {
      const std::string id = absl::StrCat("mineral-", i);
      const auto committed = store_->Commit(kAnybody, [&](WriteTransaction& transaction) -> absl::Status {
        EXPECT_FALSE(transaction.Find(Kind::kMineral, "minerals/lost")->has_value());
        EXPECT_THAT(transaction.Put(Kind::kMineral, absl::StrCat("minerals/", id), Mineral(id, "kept")), IsOk());
        EXPECT_TRUE(transaction.Find(Kind::kMineral, absl::StrCat("minerals/", id))->has_value());
        if (i % 2 == 0) {
          return absl::OkStatus();
        }
        EXPECT_THAT(transaction.Put(Kind::kMineral, "minerals/lost", Mineral("lost", "lost")), IsOk());
        EXPECT_THAT(transaction.Put(Kind::kMineral, "minerals/cobalt", Mineral("cobalt", "lost")), IsOk());
        return absl::AbortedError("no");
      });
      EXPECT_EQ(committed.ok(), i % 2 == 0);
    });
  }
  go_on.Notify();
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ((*store_->Find(Kind::kMineral, absl::StrCat("minerals/mineral-", i))).has_value(), i % 2 == 0) << i;
  }
  EXPECT_FALSE((*store_->Find(Kind::kMineral, "minerals/lost")).has_value());
  EXPECT_EQ((*store_->Find(Kind::kMineral, "minerals/cobalt"))->entry.mineral().display_name(), "Cobalt");
  EXPECT_EQ(store_->Search({{{{"kept"}, false}}, {}, "anonymous", store_->head(), 0, 100, 1 << 20})->size(), 5u);
  EXPECT_TRUE(store_->Search({{{{"lost"}, false}}, {}, "anonymous", store_->head(), 0, 100})->empty());
}

TEST_P(StoreTest, AWriteThatChangesNothingTakesNoRevision) {
  const auto nothing = store_->Commit(kAnybody, [](WriteTransaction&) { return absl::OkStatus(); });
  ASSERT_THAT(nothing, IsOk());
  EXPECT_FALSE(nothing->changed);
  EXPECT_EQ(nothing->revision, 0);
}

TEST_P(StoreTest, ListsEveryPastRevisionAsItWas) {
  std::mt19937 random(11);
  std::vector<std::map<std::string, std::string>> history(1);
  for (int i = 1; i <= 200; ++i) {
    const std::string id = absl::StrCat("m", random() % 10);
    const std::string name = absl::StrCat("minerals/", id);
    auto next = history.back();
    if (next.count(name) > 0 && random() % 3 == 0) {
      next.erase(name);
      ASSERT_THAT(Delete(name), IsOk());
    } else {
      next[name] = absl::StrCat(i);
      ASSERT_THAT(Put(Mineral(id, absl::StrCat(i))), IsOk());
    }
    history.push_back(std::move(next));
  }
  for (size_t revision = 0; revision < history.size(); ++revision) {
    ASSERT_EQ(MineralsAt(static_cast<int64_t>(revision)), history[revision]) << revision;
  }
}

TEST_P(StoreTest, ChangesReplayToTheSameState) {
  std::mt19937 random(13);
  for (int i = 1; i <= 100; ++i) {
    const std::string id = absl::StrCat("m", random() % 5);
    if (random() % 3 == 0 && (*store_->Find(Kind::kMineral, absl::StrCat("minerals/", id))).has_value()) {
      ASSERT_THAT(Delete(absl::StrCat("minerals/", id)), IsOk());
    } else {
      ASSERT_THAT(Put(Mineral(id, absl::StrCat(i))), IsOk());
    }
  }
  std::map<std::string, std::string> replayed;
  absl::Time last;
  for (int64_t revision = 1; revision <= store_->head(); ++revision) {
    const auto set = store_->ReadChanges(revision, 0, 1 << 20);
    ASSERT_THAT(set, IsOk());
    ASSERT_TRUE(set->last_chunk());
    EXPECT_GT(CommitTimeOf(*set), last);
    last = CommitTimeOf(*set);
    for (const v1::Change& change : set->changes()) {
      const auto before = replayed.find(change.name());
      ASSERT_EQ(change.has_before(), before != replayed.end());
      if (change.has_before()) {
        EXPECT_EQ(change.before().mineral().display_name(), before->second);
      }
      if (change.has_after()) {
        replayed[change.name()] = change.after().mineral().display_name();
      } else {
        replayed.erase(change.name());
      }
    }
  }
  EXPECT_EQ(replayed, MineralsAt(store_->head()));
}

TEST_P(StoreTest, ReadsALargeChangeSetInChunks) {
  constexpr int kEntries = 100;
  ASSERT_THAT(
      store_->Commit(kAnybody,
                     [](WriteTransaction& transaction) -> absl::Status {
                       for (int i = 0; i < kEntries; ++i) {
                         const v1::Entry entry = Mineral(absl::StrCat("m", i), std::string(1000, 'x'));
                         OREWATCH_RETURN_IF_ERROR(transaction.Put(Kind::kMineral, entry.mineral().name(), entry));
                       }
                       return absl::OkStatus();
                     }),
      IsOk());
  for (const size_t max_bytes : {10'000U, 1U}) {
    int read = 0;
    bool last = false;
    while (!last) {
      const auto chunk = store_->ReadChanges(1, read, max_bytes);
      ASSERT_THAT(chunk, IsOk());
      ASSERT_GT(chunk->changes_size(), 0);
      EXPECT_LE(chunk->ByteSizeLong(), max_bytes + 2000);
      read += chunk->changes_size();
      last = chunk->last_chunk();
    }
    EXPECT_EQ(read, kEntries);
  }
  EXPECT_THAT(store_->ReadChanges(2, 0, 1), HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_P(StoreTest, ConcurrentWritesEachGetARevisionOrTheirOwnError) {
  constexpr int kThreads = 8;
  constexpr int kWrites = 50;
  std::atomic<int> failed{0};
  RunThreads(kThreads, [&](int t) {
    for (int i = 0; i < kWrites; ++i) {
      const bool fail = i % 10 == 9;
      const auto done = store_->Commit(kAnybody, [&](WriteTransaction& transaction) -> absl::Status {
        const v1::Entry entry = Mineral(absl::StrCat("t", t, "-", i));
        OREWATCH_RETURN_IF_ERROR(transaction.Put(Kind::kMineral, entry.mineral().name(), entry));
        return fail ? absl::AbortedError("no") : absl::OkStatus();
      });
      EXPECT_EQ(done.ok(), !fail);
      failed += fail ? 1 : 0;
    }
  });
  EXPECT_EQ(store_->head(), kThreads * kWrites - failed);
  EXPECT_EQ(MineralsAt(store_->head()).size(), static_cast<size_t>(store_->head()));
}

TEST_P(StoreTest, ConcurrentReadsAndWritesOfOneEntryLoseNothing) {
  constexpr int kThreads = 8;
  constexpr int kWrites = 25;
  RunThreads(kThreads, [&](int) {
    for (int i = 0; i < kWrites; ++i) {
      ASSERT_THAT(Increment(*store_), IsOk());
    }
  });
  const auto counter = store_->Find(Kind::kMineral, "minerals/counter");
  EXPECT_EQ((*counter)->entry.mineral().display_name(), absl::StrCat(kThreads * kWrites));
  EXPECT_EQ((*counter)->create_time, clock_.Now());
  EXPECT_GT((*counter)->update_time, clock_.Now());
}

TEST_P(StoreTest, AWriteSeesWhatItHasWritten) {
  ASSERT_THAT(Put(Mineral("cobalt", "old")), IsOk());
  const std::vector<EntryKey> touched = {{Kind::kMineral, "minerals/cobalt"}, {Kind::kMineral, "minerals/none"}};
  const auto committed = store_->CommitTouching(touched, kAnybody, [](WriteTransaction& transaction) -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(transaction.Prefetch({{Kind::kMineral, "minerals/tin"}, {Kind::kMineral, "none"}}));
    OREWATCH_RETURN_IF_ERROR(transaction.Put(Kind::kMineral, "minerals/cobalt", Mineral("cobalt", "new")));
    OREWATCH_ASSIGN_OR_RETURN(const auto found, transaction.Find(Kind::kMineral, "minerals/cobalt"));
    EXPECT_EQ(found->entry.mineral().display_name(), "new");
    EXPECT_EQ(found->from_revision, transaction.revision());
    EXPECT_EQ(found->update_time, transaction.commit_time());
    EXPECT_THAT(transaction.Put(Kind::kMineral, "minerals/cobalt", Mineral("cobalt")),
                HasError(absl::StatusCode::kInvalidArgument, "REPEATED_ENTRY"));
    EXPECT_THAT(transaction.Delete(Kind::kMineral, "minerals/tin"), HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
    return absl::OkStatus();
  });
  ASSERT_THAT(committed, IsOk());
  EXPECT_EQ(MineralsAt(2)["minerals/cobalt"], "new");
  EXPECT_EQ(MineralsAt(1)["minerals/cobalt"], "old");
}

TEST_P(StoreTest, OneWriteMayDeleteAnEntryAndCreateItAgain) {
  ASSERT_THAT(Put(Mineral("cobalt", "old")), IsOk());
  ASSERT_THAT(store_->Commit(kAnybody,
                             [](WriteTransaction& transaction) -> absl::Status {
                               OREWATCH_RETURN_IF_ERROR(transaction.Delete(Kind::kMineral, "minerals/cobalt"));
                               OREWATCH_ASSIGN_OR_RETURN(const auto found,
                                                         transaction.Find(Kind::kMineral, "minerals/cobalt"));
                               EXPECT_FALSE(found.has_value());
                               return transaction.Put(Kind::kMineral, "minerals/cobalt", Mineral("cobalt", "new"));
                             }),
              IsOk());
  const auto set = store_->ReadChanges(2, 0, 1 << 20);
  ASSERT_THAT(set, IsOk());
  ASSERT_EQ(set->changes_size(), 2);
  EXPECT_EQ(set->changes(0).before().mineral().display_name(), "old");
  EXPECT_EQ(set->changes(1).after().mineral().display_name(), "new");
  EXPECT_EQ(MineralsAt(2)["minerals/cobalt"], "new");
}

TEST_P(StoreTest, ListsByTheBytesOfKeysWithinAPrefix) {
  const std::vector<std::string> names = {"minerals/B", "minerals/a-c", "minerals/ab", "minerals/b"};
  for (const std::string& name :
       {names[2], names[0], names[3], names[1], std::string("mineralsX"), std::string("mineral")}) {
    ASSERT_THAT(store_->Commit(kAnybody,
                               [&](WriteTransaction& transaction) {
                                 return transaction.Put(Kind::kMineral, name, Mineral("x", name));
                               }),
                IsOk());
  }
  std::vector<std::string> listed;
  for (const auto& [name, ignored] : MineralsAt(store_->head())) {
    listed.push_back(name);
  }
  EXPECT_EQ(listed, names);
}

TEST_P(StoreTest, APageEndsAtItsSizeButHasARow) {
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_THAT(Put(Mineral(id, std::string(1000, 'x'))), IsOk());
  }
  ListQuery query{Kind::kMineral, "", "", store_->head(), 10, 2500};
  auto page = store_->List(query);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->entries.size(), 2U);
  EXPECT_TRUE(page->more);
  query.max_bytes = 1;
  query.after_key = "minerals/b";
  page = store_->List(query);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->entries.size(), 1U);
  EXPECT_FALSE(page->more);
  query.after_key = "minerals/a";
  page = store_->List(query);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->entries.size(), 1U);
  EXPECT_TRUE(page->more) << "a row that is too large alone does not end the list";
}

TEST_P(StoreTest, HoldsLargeEntries) {
  const std::string large(3 << 20, 'x');
  ASSERT_THAT(Put(Mineral("large", large)), IsOk());
  EXPECT_EQ((*store_->Find(Kind::kMineral, "minerals/large"))->entry.mineral().display_name(), large);
}

TEST_P(StoreTest, KnowsWhoRefersToAResource) {
  v1::Entry link;
  link.mutable_link()->set_name("links/l");
  link.mutable_link()->set_mineral("minerals/cobalt");
  ASSERT_THAT(
      store_->Commit(kAnybody,
                     [&](WriteTransaction& transaction) { return transaction.Put(Kind::kLink, "links/l", link); }),
      IsOk());
  const auto referrers = [&] {
    std::vector<std::string> found;
    EXPECT_THAT(store_->Commit(kAnybody,
                               [&](WriteTransaction& transaction) -> absl::Status {
                                 OREWATCH_ASSIGN_OR_RETURN(found, transaction.Referrers("minerals/cobalt", 10));
                                 return absl::OkStatus();
                               }),
                IsOk());
    return found;
  };
  EXPECT_THAT(referrers(), ElementsAre("links/l"));
  ASSERT_THAT(store_->Commit(kAnybody,
                             [](WriteTransaction& transaction) { return transaction.Delete(Kind::kLink, "links/l"); }),
              IsOk());
  EXPECT_THAT(referrers(), ElementsAre());
}

TEST_P(StoreTest, NamesReferrersInOrderUpToTheLimitAndAsTheWriteHasLeftThem) {
  const auto put_link = [](WriteTransaction& transaction, const std::string& id, const std::string& mineral) {
    v1::Entry link;
    link.mutable_link()->set_name(absl::StrCat("links/", id));
    link.mutable_link()->set_mineral(mineral);
    return transaction.Put(Kind::kLink, link.link().name(), link);
  };
  ASSERT_THAT(store_->Commit(kAnybody,
                             [&](WriteTransaction& transaction) -> absl::Status {
                               for (const char* id : {"a", "c", "d", "e"}) {
                                 OREWATCH_RETURN_IF_ERROR(put_link(transaction, id, "minerals/tin"));
                               }
                               return absl::OkStatus();
                             }),
              IsOk());
  ASSERT_THAT(store_->Commit(kAnybody,
                             [&](WriteTransaction& transaction) -> absl::Status {
                               OREWATCH_RETURN_IF_ERROR(put_link(transaction, "b", "minerals/tin"));
                               OREWATCH_RETURN_IF_ERROR(put_link(transaction, "c", "minerals/gold"));
                               OREWATCH_RETURN_IF_ERROR(transaction.Delete(Kind::kLink, "links/a"));
                               OREWATCH_ASSIGN_OR_RETURN(const auto two, transaction.Referrers("minerals/tin", 2));
                               EXPECT_THAT(two, ElementsAre("links/b", "links/d"));
                               OREWATCH_ASSIGN_OR_RETURN(const auto all, transaction.Referrers("minerals/tin", 9));
                               EXPECT_THAT(all, ElementsAre("links/b", "links/d", "links/e"));
                               return absl::OkStatus();
                             }),
              IsOk());
}

TEST_P(StoreTest, RemembersRequestsForADay) {
  const Author author{"alice", "r1"};
  const auto find = [&] {
    std::optional<WriteTransaction::PastRequest> found;
    EXPECT_THAT(store_->Commit(author,
                               [&](WriteTransaction& transaction) -> absl::Status {
                                 OREWATCH_ASSIGN_OR_RETURN(found, transaction.FindRequest(author));
                                 return absl::OkStatus();
                               }),
                IsOk());
    return found;
  };
  ASSERT_THAT(store_->Commit(author,
                             [&](WriteTransaction& transaction) {
                               return transaction.KeepRequest(author, {"digest", "answer"});
                             }),
              IsOk());
  ASSERT_TRUE(find().has_value());
  EXPECT_EQ(find()->digest, "digest");
  EXPECT_EQ(find()->answer, "answer");
  EXPECT_THAT(store_->Commit(author,
                             [&](WriteTransaction& transaction) {
                               return transaction.KeepRequest(author, {"digest", "another"});
                             }),
              HasCode(absl::StatusCode::kAlreadyExists));
  clock_.Advance(absl::Hours(24));
  ASSERT_THAT(Put(Mineral("a")), IsOk());
  EXPECT_TRUE(find().has_value());
  clock_.Advance(absl::Hours(2));
  ASSERT_THAT(Put(Mineral("b")), IsOk());
  EXPECT_FALSE(find().has_value());
}

TEST_P(StoreTest, RingsAfterACommit) {
  absl::Notification rung;
  const auto subscription = store_->committed().Subscribe([&] {
    EXPECT_EQ(store_->head(), 1);
    rung.Notify();
  });
  ASSERT_THAT(Put(Mineral("cobalt")), IsOk());
  rung.WaitForNotification();
}

// Several processes on one storage, as far as an engine allows it.
class SharedStoreTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (const std::string reason = engine_->WhyNotShared(); !reason.empty()) {
      GTEST_SKIP() << reason;
    }
    other_ = engine_->Open(clock_);
  }
  std::unique_ptr<RegistryStore> other_;
};

TEST_P(SharedStoreTest, StoresSeeAndWakeEachOther) {
  absl::Notification rung;
  const auto subscription = other_->committed().Subscribe([&] {
    if (other_->head() == 1 && !rung.HasBeenNotified()) {
      rung.Notify();
    }
  });
  ASSERT_THAT(Put(Mineral("cobalt")), IsOk());
  rung.WaitForNotification();
  EXPECT_EQ(other_->lineage(), store_->lineage());
  EXPECT_TRUE((*other_->Find(Kind::kMineral, "minerals/cobalt")).has_value());
  const auto committed = other_->Commit(kAnybody, [](WriteTransaction& transaction) -> absl::Status {
    OREWATCH_ASSIGN_OR_RETURN(const auto found, transaction.Find(Kind::kMineral, "minerals/cobalt"));
    EXPECT_TRUE(found.has_value());
    return transaction.Delete(Kind::kMineral, "minerals/cobalt");
  });
  ASSERT_THAT(committed, IsOk());
  EXPECT_EQ(committed->revision, 2);
  EXPECT_FALSE((*store_->Find(Kind::kMineral, "minerals/cobalt")).has_value());
}

TEST_P(SharedStoreTest, RevisionsOfAllStoresAreDenseAndInOrder) {
  constexpr int kThreads = 8;
  constexpr int kWrites = 25;
  RunThreads(kThreads, [&](int t) {
    for (int i = 0; i < kWrites; ++i) {
      ASSERT_THAT(Increment(t % 2 == 0 ? *store_ : *other_), IsOk());
    }
  });
  const int64_t head = std::max(store_->head(), other_->head());
  EXPECT_EQ(head, kThreads * kWrites);
  absl::Time last;
  for (int64_t revision = 1; revision <= head; ++revision) {
    const auto set = store_->ReadChanges(revision, 0, 1 << 20);
    ASSERT_THAT(set, IsOk());
    ASSERT_EQ(set->changes_size(), 1);
    // Each saw the one before it.
    EXPECT_EQ(set->changes(0).after().mineral().display_name(), absl::StrCat(revision));
    EXPECT_GT(CommitTimeOf(*set), last);
    last = CommitTimeOf(*set);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, StoreTest, ::testing::ValuesIn(AllEngines()), NameOf);
INSTANTIATE_TEST_SUITE_P(Engines, SharedStoreTest, ::testing::ValuesIn(AllEngines()), NameOf);

}  // namespace
}  // namespace orewatch::registry
