// A database that goes back, or over to a standby, under replicas that are running.
#include <list>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/testing/matchers.h"
#include "services/registry/store/postgres/postgres_store.h"
#include "tests/testing/postgres_server.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::PostgresServer;

class RestoreTest : public ::testing::Test {
 protected:
  RestoreTest() {
    auto server = PostgresServer::Start();
    EXPECT_THAT(server, IsOk());
    server_ = *std::move(server);
    address_ = server_->Address(server_->CreateDatabase());
  }

  std::unique_ptr<PostgresStore> Open(absl::Duration poll) {
    PostgresStore::Options options;
    options.database = address_;
    options.poll = poll;
    auto store = PostgresStore::Open(options, clock_, metrics_.emplace_back());
    EXPECT_THAT(store, IsOk());
    return *std::move(store);
  }
  // Looks at its database only when it is used.
  std::unique_ptr<PostgresStore> OpenBlind() { return Open(absl::Hours(1)); }

  static absl::StatusOr<Committed> Put(RegistryStore& store, const std::string& id) {
    return store.Commit({"anonymous", ""}, [&](WriteTransaction& transaction) {
      v1::Entry entry;
      entry.mutable_mineral()->set_name(absl::StrCat("minerals/", id));
      return transaction.Put(Kind::kMineral, entry.mineral().name(), entry);
    });
  }
  static bool Exists(RegistryStore& store, const std::string& id) {
    const auto found = store.Find(Kind::kMineral, absl::StrCat("minerals/", id));
    EXPECT_THAT(found, IsOk());
    return found.ok() && found->has_value();
  }
  // A database with one revision, of which there is a copy.
  void WriteOneAndSave() {
    ASSERT_THAT(Put(*OpenBlind(), "kept"), IsOk());
    server_->Stop();
    ASSERT_THAT(server_->SaveDisk(), IsOk());
    ASSERT_THAT(server_->StartAgain(), IsOk());
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::list<prometheus::Registry> metrics_;
  std::unique_ptr<PostgresServer> server_;
  std::string address_;
};

TEST_F(RestoreTest, ARunningReplicaNoticesADiskThatWasSetBack) {
  WriteOneAndSave();
  const auto store = Open(absl::Milliseconds(10));
  const std::string lineage = store->lineage();
  ASSERT_THAT(Put(*store, "lost"), IsOk());
  const std::string lost = *store->DigestAt(2);
  absl::Notification noticed;
  const auto subscription = store->committed().Subscribe([&] {
    if (store->lineage() != lineage && !noticed.HasBeenNotified()) {
      noticed.Notify();
    }
  });
  server_->Stop();
  ASSERT_THAT(server_->SetDiskBack(), IsOk());
  ASSERT_THAT(server_->StartAgain(), IsOk());
  noticed.WaitForNotification();
  EXPECT_EQ(store->head(), 1);
  EXPECT_FALSE(Exists(*store, "lost"));
  EXPECT_THAT(store->DigestAt(2), HasCode(absl::StatusCode::kNotFound));
  EXPECT_EQ(Put(*store, "other")->revision, 2);
  EXPECT_NE(*store->DigestAt(2), lost);
  EXPECT_EQ(store->ReadChanges(1, 0, 1 << 20)->revision().lineage(), store->lineage());
  EXPECT_EQ(OpenBlind()->lineage(), store->lineage()) << "all replicas have the same";
}

TEST_F(RestoreTest, ARevisionThatWasWrittenDifferentlyIsAnotherHistory) {
  WriteOneAndSave();
  const auto store = OpenBlind();
  const std::string lineage = store->lineage();
  ASSERT_THAT(Put(*store, "lost"), IsOk());
  server_->Stop();
  ASSERT_THAT(server_->SetDiskBack(), IsOk());
  ASSERT_THAT(server_->StartAgain(), IsOk());
  // Another replica, which knows nothing of what was, goes on and further.
  const auto newcomer = OpenBlind();
  EXPECT_EQ(newcomer->lineage(), lineage) << "nobody can have told it";
  ASSERT_THAT(Put(*newcomer, "other"), IsOk());
  ASSERT_THAT(Put(*newcomer, "another"), IsOk());
  EXPECT_TRUE(Exists(*store, "other"));
  EXPECT_NE(store->lineage(), lineage) << "known from the first answer on";
  EXPECT_EQ(store->head(), 3);
  // The newcomer hears of it with its next write.
  ASSERT_THAT(Put(*newcomer, "more"), IsOk());
  EXPECT_EQ(newcomer->lineage(), store->lineage());
}

TEST_F(RestoreTest, ADumpReadInUnderOpenConnectionsIsNoticedByTheNextWrite) {
  const auto store = OpenBlind();
  const std::string database = address_.substr(address_.rfind('=') + 1);
  ASSERT_THAT(Put(*store, "kept"), IsOk());
  const std::string dump = server_->dir() / "dump";
  ASSERT_THAT(server_->RunClient("pg_dump", {"-Fc", "-f", dump, database}), IsOk());
  const std::string lineage = store->lineage();
  ASSERT_THAT(Put(*store, "lost"), IsOk());
  ASSERT_THAT(server_->RunClient("pg_restore", {"--clean", "--if-exists", "-d", database, dump}), IsOk());
  const auto written = Put(*store, "other");
  ASSERT_THAT(written, IsOk());
  EXPECT_EQ(written->revision, 2);
  EXPECT_NE(store->lineage(), lineage);
  EXPECT_FALSE(Exists(*store, "lost"));
}

TEST_F(RestoreTest, TheSameDumpReadInTwiceIsANewLineageEachTime) {
  const auto store = OpenBlind();
  const std::string database = address_.substr(address_.rfind('=') + 1);
  ASSERT_THAT(Put(*store, "kept"), IsOk());
  const std::string dump = server_->dir() / "dump";
  ASSERT_THAT(server_->RunClient("pg_dump", {"-Fc", "-f", dump, database}), IsOk());
  std::set<std::string> lineages = {store->lineage()};
  for (const char* id : {"lost", "lost-too", "kept-at-last"}) {
    const auto written = Put(*store, id);
    ASSERT_THAT(written, IsOk());
    EXPECT_EQ(written->revision, 2);
    if (id != std::string("lost")) {
      EXPECT_TRUE(lineages.insert(store->lineage()).second) << id << ": a revision of a lineage that has ended";
    }
    if (id != std::string("kept-at-last")) {
      ASSERT_THAT(server_->RunClient("pg_restore", {"--clean", "--if-exists", "-d", database, dump}), IsOk());
    }
  }
  EXPECT_EQ(OpenBlind()->lineage(), store->lineage());
}

TEST_F(RestoreTest, ADiskThatIsSetBackTwiceIsANewLineageEachTime) {
  WriteOneAndSave();
  const auto store = OpenBlind();
  std::set<std::string> lineages = {store->lineage()};
  ASSERT_THAT(Put(*store, "lost"), IsOk());
  for (const char* id : {"lost-too", "kept-at-last"}) {
    server_->Stop();
    ASSERT_THAT(server_->SetDiskBack(), IsOk());
    ASSERT_THAT(server_->StartAgain(), IsOk());
    EXPECT_EQ(Put(*store, id)->revision, 2);
    EXPECT_TRUE(lineages.insert(store->lineage()).second) << id << ": a revision of a lineage that has ended";
  }
}

TEST_F(RestoreTest, ADatabaseThatIsBeingReadInIsUnavailableAndNotEmpty) {
  const auto store = OpenBlind();
  ASSERT_THAT(Put(*store, "kept"), IsOk());
  const auto expect_unavailable = [&](const char* when) {
    SCOPED_TRACE(when);
    const auto unavailable = HasCode(absl::StatusCode::kUnavailable);
    EXPECT_THAT(store->Find(Kind::kMineral, "minerals/other"), unavailable);
    EXPECT_THAT(store->FindAll({{Kind::kMineral, "minerals/kept"}}, 1 << 20), unavailable);
    EXPECT_THAT(store->List({Kind::kMineral, "", "", 1, 10, 1 << 20}), unavailable);
    EXPECT_THAT(store->Search({{SearchTerm{{"kept"}, false}}, {}, "", 1, 0, 10, 1 << 20}), unavailable);
    EXPECT_THAT(store->ReadChanges(2, 0, 1 << 20), unavailable);
    EXPECT_THAT(store->ReadHistory({{Kind::kMineral, "minerals/other"}, 0, false, 10, 1 << 20}), unavailable);
    EXPECT_THAT(store->DigestAt(2), unavailable);
    EXPECT_THAT(store->FindHead(), unavailable);
    EXPECT_THAT(Put(*store, "new"), unavailable);
  };
  const auto admin = storage::Postgres::Open({address_});
  ASSERT_THAT(admin, IsOk());
  ASSERT_THAT((*admin)->Execute("CREATE TABLE aside AS SELECT * FROM history"), IsOk());
  ASSERT_THAT((*admin)->Execute("DELETE FROM history"), IsOk());
  expect_unavailable("no row yet");
  ASSERT_THAT((*admin)->Execute("ALTER TABLE history RENAME TO gone"), IsOk());
  expect_unavailable("no table yet");
  ASSERT_THAT((*admin)->Execute("ALTER TABLE gone RENAME TO history"), IsOk());
  ASSERT_THAT((*admin)->Execute("INSERT INTO history SELECT * FROM aside"), IsOk());
  ASSERT_THAT((*admin)->Execute("DROP INDEX search_terms"), IsOk());
  expect_unavailable("no index yet");
  ASSERT_THAT((*admin)->Execute("CREATE INDEX search_terms ON search USING gin(terms)"), IsOk());
  EXPECT_TRUE(Exists(*store, "kept"));
  EXPECT_THAT(Put(*store, "new"), IsOk());
}

TEST_F(RestoreTest, ADumpReadInUnderOpenConnectionsIsToldToWhoOnlyListens) {
  const auto writer = OpenBlind();
  const auto listener = OpenBlind();
  const std::string database = address_.substr(address_.rfind('=') + 1);
  ASSERT_THAT(Put(*writer, "kept"), IsOk());
  const std::string dump = server_->dir() / "dump";
  ASSERT_THAT(server_->RunClient("pg_dump", {"-Fc", "-f", dump, database}), IsOk());
  ASSERT_THAT(Put(*writer, "lost"), IsOk());
  const std::string lineage = listener->lineage();
  absl::Notification noticed;
  const auto subscription = listener->committed().Subscribe([&] {
    if (listener->lineage() != lineage && !noticed.HasBeenNotified()) {
      noticed.Notify();
    }
  });
  ASSERT_THAT(server_->RunClient("pg_restore", {"--clean", "--if-exists", "-d", database, dump}), IsOk());
  ASSERT_THAT(Put(*writer, "other"), IsOk());
  EXPECT_TRUE(noticed.WaitForNotificationWithTimeout(absl::Seconds(30)));
  EXPECT_EQ(listener->lineage(), writer->lineage());
}

TEST_F(RestoreTest, WhoAsksForTheHeadOfAnotherLineageTakesItOver) {
  const auto first = OpenBlind();
  ASSERT_THAT(Put(*first, "kept"), IsOk());
  ASSERT_EQ(*first->FindHead(), 1);
  const auto admin = storage::Postgres::Open({address_});
  ASSERT_THAT(admin, IsOk());
  ASSERT_THAT((*admin)->Execute("UPDATE history SET lineage = 'renewed'"), IsOk());
  EXPECT_EQ(*first->FindHead(), 1);
  EXPECT_EQ(first->lineage(), "renewed");
}

TEST_F(RestoreTest, ADumpReadInWhileNobodyRanIsANewLineage) {
  const std::string database = address_.substr(address_.rfind('=') + 1);
  const std::string dump = server_->dir() / "dump";
  std::string lineage;
  {
    const auto store = OpenBlind();
    ASSERT_THAT(Put(*store, "kept"), IsOk());
    lineage = store->lineage();
  }
  ASSERT_THAT(server_->RunClient("pg_dump", {"-Fc", "-f", dump, database}), IsOk());
  ASSERT_THAT(Put(*OpenBlind(), "lost"), IsOk());
  ASSERT_THAT(server_->RunClient("pg_restore", {"--clean", "--if-exists", "-d", database, dump}), IsOk());
  const auto restored = OpenBlind();
  EXPECT_EQ(restored->head(), 1);
  EXPECT_NE(restored->lineage(), lineage);
}

TEST_F(RestoreTest, ARecoveryToAPointInTimeIsANewLineageAlsoForWhoDidNotRun) {
  WriteOneAndSave();
  std::string lineage;
  {
    const auto store = OpenBlind();
    lineage = store->lineage();
    ASSERT_THAT(Put(*store, "lost"), IsOk());
  }
  server_->Stop();
  ASSERT_THAT(server_->RestoreToThePointOfTheCopy(), IsOk());
  const auto restored = OpenBlind();
  EXPECT_NE(restored->lineage(), lineage);
  EXPECT_EQ(restored->head(), 1);
  EXPECT_FALSE(Exists(*restored, "lost"));
}

TEST_F(RestoreTest, AFailOverToASynchronousStandbyLosesNothing) {
  const auto admin = storage::Postgres::Open({server_->Address("postgres")});
  ASSERT_THAT(admin, IsOk());
  auto standby = PostgresServer::StartStandby(*server_);
  ASSERT_THAT(standby, IsOk());
  ASSERT_THAT((*admin)->Execute("ALTER SYSTEM SET synchronous_standby_names = '*'"), IsOk());
  ASSERT_THAT((*admin)->Execute("SELECT pg_reload_conf()"), IsOk());
  const std::string database = address_.substr(address_.rfind('=') + 1);
  address_ = absl::StrCat("host=", server_->dir().string(), ",", (*standby)->dir().string(), " port=", server_->port(),
                          ",", (*standby)->port(), " user=orewatch dbname=", database);
  const auto store = Open(absl::Milliseconds(10));
  const std::string lineage = store->lineage();
  constexpr int kWrites = 50;
  for (int i = 0; i < kWrites; ++i) {
    ASSERT_THAT(Put(*store, absl::StrCat("m", i)), IsOk());
  }
  const std::string digest = *store->DigestAt(kWrites);
  server_->Kill();
  ASSERT_THAT((*standby)->Promote(), IsOk());
  EXPECT_EQ(Put(*store, "after")->revision, kWrites + 1);
  EXPECT_EQ(*store->DigestAt(kWrites), digest) << "followers go on";
  EXPECT_NE(store->lineage(), lineage);
  for (int i = 0; i < kWrites; ++i) {
    EXPECT_TRUE(Exists(*store, absl::StrCat("m", i)));
  }
}

}  // namespace
}  // namespace orewatch::registry
