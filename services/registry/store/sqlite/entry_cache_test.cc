#include "services/registry/store/sqlite/entry_cache.h"

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace orewatch::registry {
namespace {

constexpr size_t kRoom = 1 << 20;

EntryCache::Entry Version(int64_t revision, const std::string& key = "minerals/cobalt") {
  StoredEntry stored;
  stored.key = key;
  stored.from_revision = revision;
  return std::make_shared<const StoredEntry>(std::move(stored));
}

TEST(EntryCacheTest, KeepsWhatWasReadWhileNothingWasCommitted) {
  EntryCache cache(kRoom);
  EXPECT_EQ(cache.Find("a"), nullptr);
  cache.Offer(cache.TakeTicket("a"), "a", Version(1));
  ASSERT_NE(cache.Find("a"), nullptr);
  EXPECT_EQ(cache.Find("a")->from_revision, 1);
}

TEST(EntryCacheTest, TurnsDownWhatWasReadBeforeACommit) {
  EntryCache cache(kRoom);
  const uint64_t before = cache.TakeTicket("a");
  cache.BeginCommit("a");
  const uint64_t during = cache.TakeTicket("a");
  cache.Offer(during, "a", Version(1));
  EXPECT_EQ(cache.Find("a"), nullptr) << "it may be old";
  cache.EndCommit("a", nullptr);
  cache.Offer(before, "a", Version(1));
  cache.Offer(during, "a", Version(1));
  EXPECT_EQ(cache.Find("a"), nullptr);
  cache.Offer(cache.TakeTicket("a"), "a", Version(2));
  EXPECT_EQ(cache.Find("a")->from_revision, 2);
}

TEST(EntryCacheTest, ShowsNothingOldWhileItIsCommittedAndTheNewAfter) {
  EntryCache cache(kRoom);
  cache.Offer(cache.TakeTicket("a"), "a", Version(1));
  cache.BeginCommit("a");
  EXPECT_EQ(cache.Find("a"), nullptr);
  cache.EndCommit("a", Version(2));
  EXPECT_EQ(cache.Find("a")->from_revision, 2);
}

TEST(EntryCacheTest, KeepsNoMoreThanItHasRoomForAndForgetsWhatIsNotAskedFor) {
  constexpr size_t kLittle = 256 << 10;
  EntryCache cache(kLittle);
  const auto offer = [&](const std::string& name) { cache.Offer(cache.TakeTicket(name), name, Version(1, name)); };
  offer("wanted");
  int kept = 0;
  for (int i = 0; i < 10'000; ++i) {
    offer(absl::StrCat(i));
    ASSERT_NE(cache.Find("wanted"), nullptr) << i;
  }
  for (int i = 0; i < 10'000; ++i) {
    kept += cache.Find(absl::StrCat(i)) != nullptr ? 1 : 0;
  }
  EXPECT_GT(kept, 100);
  EXPECT_LT(kept, 1000);
}

TEST(EntryCacheTest, AReaderNeverSeesAnOlderVersionAfterANewerOne) {
  EntryCache cache(kRoom);
  // What the database holds.
  std::atomic<int64_t> committed{1};
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int64_t next = 2; next < 20'000; ++next) {
      cache.BeginCommit("a");
      committed = next;
      cache.EndCommit("a", next % 3 == 0 ? nullptr : Version(next));
    }
    done = true;
  });
  int64_t last = 0;
  while (!done) {
    int64_t seen = 0;
    if (const auto cached = cache.Find("a"); cached != nullptr) {
      seen = cached->from_revision;
    } else {
      const uint64_t ticket = cache.TakeTicket("a");
      seen = committed;
      cache.Offer(ticket, "a", Version(seen));
    }
    ASSERT_GE(seen, last);
    last = seen;
  }
  writer.join();
}

}  // namespace
}  // namespace orewatch::registry
