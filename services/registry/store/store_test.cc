// What every engine of the store promises, on a real file.
#include "services/registry/store/store.h"

#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/testing/matchers.h"
#include "services/registry/store/store_fixture.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;

TEST_F(StoreTest, GivesDenseRevisionsAndKeepsWhatItAcknowledgedOverAReopening) {
  EXPECT_EQ(Put(Mineral("cobalt"))->revision, 1);
  EXPECT_EQ(Put(Mineral("gallium"))->revision, 2);
  const std::string lineage = store_->lineage();
  Reopen();
  EXPECT_EQ(store_->head(), 2);
  EXPECT_EQ(store_->lineage(), lineage);
  EXPECT_TRUE((*store_->Find(Kind::kMineral, "minerals/cobalt")).has_value());
  EXPECT_EQ(Put(Mineral("tin"))->revision, 3);
}

TEST_F(StoreTest, TheFileAsItStandsAfterACommitHoldsTheCommit) {
  // What a killed process leaves behind: the files at some moment after the answer, never closed.
  ASSERT_THAT(Put(Mineral("cobalt")), IsOk());
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::copy_file(absl::StrCat((dir_ / "registry.db").string(), suffix),
                               absl::StrCat((dir_ / "copy.db").string(), suffix));
  }
  Reopen("copy.db");
  EXPECT_EQ(store_->head(), 1);
  EXPECT_TRUE((*store_->Find(Kind::kMineral, "minerals/cobalt")).has_value());
}

TEST_F(StoreTest, AFailedWriteLeavesNothingAndTakesNoRevision) {
  const auto failed = store_->Commit(kAnybody, [](WriteTransaction& transaction) -> absl::Status {
    EXPECT_THAT(transaction.Put(Kind::kMineral, "minerals/cobalt", Mineral("cobalt")), IsOk());
    return absl::AbortedError("no");
  });
  EXPECT_THAT(failed, HasCode(absl::StatusCode::kAborted));
  EXPECT_EQ(store_->head(), 0);
  EXPECT_FALSE((*store_->Find(Kind::kMineral, "minerals/cobalt")).has_value());
}

TEST_F(StoreTest, AFailedWriteAmongOthersLeavesNothingInMemoryNorInSearch) {
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
  EXPECT_EQ(store_->Search({{{{"kept"}, false}}, {}, 0, 100})->size(), 5u);
  EXPECT_TRUE(store_->Search({{{{"lost"}, false}}, {}, 0, 100})->empty());
}

TEST_F(StoreTest, AnswersFromMemoryAsFromDisk) {
  clock_.Advance(absl::Nanoseconds(123'456'789));
  ASSERT_THAT(Put(Mineral("cobalt", "Cobalt")), IsOk());
  clock_.Advance(absl::Nanoseconds(1'111));
  ASSERT_THAT(Put(Mineral("cobalt", "Kobalt")), IsOk());
  const auto written = store_->FindInMemory(Kind::kMineral, "minerals/cobalt");
  ASSERT_NE(written, nullptr);
  Reopen();
  EXPECT_EQ(store_->FindInMemory(Kind::kMineral, "minerals/cobalt"), nullptr);
  const auto read = *store_->Find(Kind::kMineral, "minerals/cobalt");
  EXPECT_EQ(read->from_revision, written->from_revision);
  EXPECT_EQ(read->create_time, written->create_time);
  EXPECT_EQ(read->update_time, written->update_time);
  EXPECT_EQ(read->entry.SerializeAsString(), written->entry.SerializeAsString());
  EXPECT_NE(store_->FindInMemory(Kind::kMineral, "minerals/cobalt"), nullptr) << "read, and kept";
  ASSERT_THAT(Delete("minerals/cobalt"), IsOk());
  EXPECT_EQ(store_->FindInMemory(Kind::kMineral, "minerals/cobalt"), nullptr);
  EXPECT_FALSE((*store_->Find(Kind::kMineral, "minerals/cobalt")).has_value());
}

TEST_F(StoreTest, AWriteThatChangesNothingTakesNoRevision) {
  const auto nothing = store_->Commit(kAnybody, [](WriteTransaction&) { return absl::OkStatus(); });
  ASSERT_THAT(nothing, IsOk());
  EXPECT_FALSE(nothing->changed);
  EXPECT_EQ(nothing->revision, 0);
}

TEST_F(StoreTest, ListsEveryPastRevisionAsItWas) {
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

TEST_F(StoreTest, ChangesReplayToTheSameState) {
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
    const absl::Time commit_time =
        absl::FromUnixSeconds(set->commit_time().seconds()) + absl::Nanoseconds(set->commit_time().nanos());
    EXPECT_GT(commit_time, last);
    last = commit_time;
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

TEST_F(StoreTest, ReadsALargeChangeSetInChunks) {
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
  int read = 0;
  bool last = false;
  while (!last) {
    const auto chunk = store_->ReadChanges(1, read, 10'000);
    ASSERT_THAT(chunk, IsOk());
    ASSERT_GT(chunk->changes_size(), 0);
    EXPECT_LE(chunk->ByteSizeLong(), 12'000U);
    read += chunk->changes_size();
    last = chunk->last_chunk();
  }
  EXPECT_EQ(read, kEntries);
  EXPECT_THAT(store_->ReadChanges(2, 0, 1), HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(StoreTest, ConcurrentWritesEachGetARevisionOrTheirOwnError) {
  constexpr int kThreads = 8;
  constexpr int kWrites = 50;
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
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
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(store_->head(), kThreads * kWrites - failed);
  EXPECT_EQ(MineralsAt(store_->head()).size(), static_cast<size_t>(store_->head()));
}

TEST_F(StoreTest, KnowsWhoRefersToAResource) {
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

TEST_F(StoreTest, RemembersRequestsForADay) {
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
  EXPECT_EQ(find()->answer, "answer");
  clock_.Advance(absl::Hours(24));
  ASSERT_THAT(Put(Mineral("a")), IsOk());
  EXPECT_TRUE(find().has_value());
  clock_.Advance(absl::Hours(2));
  ASSERT_THAT(Put(Mineral("b")), IsOk());
  EXPECT_FALSE(find().has_value());
}

TEST_F(StoreTest, RingsAfterACommit) {
  absl::Notification rung;
  const auto subscription = store_->committed().Subscribe([&] {
    EXPECT_EQ(store_->head(), 1);
    rung.Notify();
  });
  ASSERT_THAT(Put(Mineral("cobalt")), IsOk());
  rung.WaitForNotification();
}

}  // namespace
}  // namespace orewatch::registry
