// What is particular to the engine: losses of connection and server at the worst moments, other replicas, other
// releases. What every engine promises is tested in tests/conformance.
#include "services/registry/store/postgres/postgres_store.h"

#include <signal.h>

#include <list>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/testing/matchers.h"
#include "common/time/deadline_scope.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/tcp_proxy.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::PostgresServer;
using ::orewatch::testing::SharedPostgresServer;
using ::orewatch::testing::TcpProxy;
using ::testing::HasSubstr;

const Author kAnybody{"anonymous", ""};

absl::StatusOr<Committed> PutMineral(RegistryStore& store, const std::string& id, const Author& author = kAnybody) {
  return store.Commit(author, [&](WriteTransaction& transaction) {
    v1::Entry entry;
    entry.mutable_mineral()->set_name(absl::StrCat("minerals/", id));
    return transaction.Put(Kind::kMineral, entry.mineral().name(), entry);
  });
}

bool Exists(RegistryStore& store, const std::string& id) {
  const auto found = store.Find(Kind::kMineral, absl::StrCat("minerals/", id));
  EXPECT_THAT(found, IsOk());
  return found.ok() && found->has_value();
}

class PostgresStoreTest : public ::testing::Test {
 protected:
  static PostgresServer& Server() { return SharedPostgresServer(); }

  absl::StatusOr<std::unique_ptr<PostgresStore>> TryOpen(const std::string& address) {
    options_.database = address;
    return PostgresStore::Open(options_, clock_, metrics_.emplace_back());
  }
  std::unique_ptr<PostgresStore> Open(const std::string& address) {
    auto store = TryOpen(address);
    EXPECT_THAT(store, IsOk());
    return *std::move(store);
  }
  std::unique_ptr<PostgresStore> Open() { return Open(Server().Address(database_)); }
  std::unique_ptr<storage::Postgres> Connect(const std::string& database) {
    storage::PostgresOptions options;
    options.database = Server().Address(database);
    return *storage::Postgres::Open(options);
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  PostgresStore::Options options_;
  const std::string database_ = Server().CreateDatabase();
  std::list<prometheus::Registry> metrics_;
};

TEST_F(PostgresStoreTest, AWriteWhoseAnswerWasLostIsAcknowledgedOnce) {
  TcpProxy proxy(Server().port());
  const auto store = Open(Server().TcpAddress(database_, proxy.port()));
  ASSERT_THAT(PutMineral(*store, "cobalt"), IsOk());
  proxy.CutAtAnswer("COMMIT");
  const auto committed = PutMineral(*store, "tin");
  EXPECT_TRUE(proxy.cut());
  ASSERT_THAT(committed, IsOk());
  EXPECT_EQ(committed->revision, 2);
  EXPECT_EQ(store->head(), 2);
  EXPECT_TRUE(Exists(*store, "tin"));
  EXPECT_EQ(PutMineral(*store, "zinc")->revision, 3);
}

TEST_F(PostgresStoreTest, AWriteThatNeverReachedTheServerFailsAndTakesNoRevision) {
  TcpProxy proxy(Server().port());
  const auto store = Open(Server().TcpAddress(database_, proxy.port()));
  ASSERT_THAT(PutMineral(*store, "cobalt"), IsOk());
  // The announcement is sent along with the COMMIT.
  proxy.CutAtQuestion(PostgresWriter::kChannel);
  EXPECT_THAT(PutMineral(*store, "tin"), HasError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE"));
  EXPECT_TRUE(proxy.cut());
  EXPECT_EQ(store->head(), 1);
  EXPECT_FALSE(Exists(*store, "tin"));
  EXPECT_EQ(PutMineral(*store, "zinc")->revision, 2);
}

TEST_F(PostgresStoreTest, AnotherReplicaMayTakeTheRevisionOfAWriteThatNeverHappened) {
  TcpProxy proxy(Server().port());
  const auto store = Open(Server().TcpAddress(database_, proxy.port()));
  const auto other = Open();
  ASSERT_THAT(PutMineral(*store, "cobalt"), IsOk());
  proxy.CutAtQuestion(PostgresWriter::kChannel);
  std::thread racing([&] { EXPECT_THAT(PutMineral(*other, "zinc"), IsOk()); });
  EXPECT_THAT(PutMineral(*store, "tin"), HasCode(absl::StatusCode::kUnavailable));
  racing.join();
  EXPECT_FALSE(Exists(*other, "tin"));
  EXPECT_TRUE(Exists(*store, "zinc"));
}

TEST_F(PostgresStoreTest, NothingAcknowledgedIsLostWhenProcessesOfTheServerAreKilled) {
  const auto store = Open();
  constexpr int kThreads = 4;
  constexpr int kKills = 4;
  constexpr int kAcknowledgedBetween = 50;
  absl::Mutex mutex;
  std::set<std::string> acknowledged;
  bool stop = false;
  std::vector<std::thread> writers;
  writers.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    writers.emplace_back([&, t] {
      for (int i = 0;; ++i) {
        const std::string id = absl::StrCat("t", t, "-", i);
        const bool done = PutMineral(*store, id).ok();
        absl::MutexLock lock(&mutex);
        if (done) {
          acknowledged.insert(id);
        }
        if (stop) {
          return;
        }
      }
    });
  }
  for (int kill_count = 0; kill_count < kKills; ++kill_count) {
    {
      absl::MutexLock lock(&mutex);
      const size_t enough = acknowledged.size() + kAcknowledgedBetween;
      const auto more = [&] { return acknowledged.size() >= enough; };
      mutex.Await(absl::Condition(&more));
    }
    if (kill_count % 2 == 0) {
      const auto admin = Connect("postgres");
      const auto victim = admin->Query(
          "SELECT pid FROM pg_stat_activity WHERE application_name = 'orewatch-registry' ORDER BY state LIMIT 1");
      ASSERT_EQ(victim->size(), 1);
      ASSERT_EQ(kill(static_cast<pid_t>(victim->Int(0, 0)), SIGKILL), 0);
      ASSERT_THAT(Server().AwaitRecovery(), IsOk());
    } else {
      Server().Kill();
      ASSERT_THAT(Server().StartAgain(), IsOk());
    }
  }
  {
    absl::MutexLock lock(&mutex);
    stop = true;
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  for (const std::string& id : acknowledged) {
    ASSERT_TRUE(Exists(*store, id)) << id;
  }
  // Dense, and no longer than what was written.
  const auto db = Connect(database_);
  const auto counts =
      db->Query("SELECT head, (SELECT count(*) FROM change_sets), (SELECT count(*) FROM entries) FROM history");
  EXPECT_EQ(counts->Int(0, 0), counts->Int(0, 1));
  EXPECT_EQ(counts->Int(0, 0), counts->Int(0, 2));
  EXPECT_EQ(store->head(), counts->Int(0, 0));
  EXPECT_GE(counts->Int(0, 0), static_cast<int64_t>(acknowledged.size()));
}

TEST_F(PostgresStoreTest, WritesAndReadsGoOnAfterARestartOfTheServer) {
  const auto store = Open();
  ASSERT_THAT(PutMineral(*store, "cobalt"), IsOk());
  ASSERT_TRUE(Exists(*store, "cobalt"));
  Server().Stop();
  EXPECT_THAT(PutMineral(*store, "tin"), HasError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE"));
  const auto away = store->Find(Kind::kMineral, "minerals/cobalt");
  EXPECT_THAT(away, HasError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE"));
  EXPECT_EQ(away.status().message(), "storage cannot be reached") << "says nothing of hosts and roles";
  ASSERT_THAT(Server().StartAgain(), IsOk());
  EXPECT_EQ(PutMineral(*store, "tin")->revision, 2);
  EXPECT_TRUE(Exists(*store, "cobalt"));
}

TEST_F(PostgresStoreTest, WhoeverSitsOnALockDelaysOthersOnlySoLong) {
  options_.read_timeout = absl::Milliseconds(50);
  options_.lock_timeout = absl::Milliseconds(50);
  const auto store = Open();
  const auto sitter = Connect(database_);
  ASSERT_THAT(sitter->Transact([&]() -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(sitter->Execute("LOCK TABLE entries, history IN ACCESS EXCLUSIVE MODE"));
    EXPECT_THAT(store->Find(Kind::kMineral, "minerals/tin"),
                HasError(absl::StatusCode::kDeadlineExceeded, "STORAGE_TIMEOUT"));
    EXPECT_THAT(PutMineral(*store, "tin"), HasError(absl::StatusCode::kUnavailable, "STORAGE_BUSY"));
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(PutMineral(*store, "tin")->revision, 1);
  EXPECT_TRUE(Exists(*store, "tin"));
}

TEST_F(PostgresStoreTest, ACallerWithLessTimeThanAReadMayTakeIsAnsweredInIt) {
  const auto store = Open();
  const auto sitter = Connect(database_);
  ASSERT_THAT(sitter->Transact([&]() -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(sitter->Execute("LOCK TABLE entries IN ACCESS EXCLUSIVE MODE"));
    const DeadlineScope scope(absl::Now() + absl::Milliseconds(50));
    EXPECT_THAT(store->Find(Kind::kMineral, "minerals/tin"),
                HasError(absl::StatusCode::kDeadlineExceeded, "STORAGE_TIMEOUT"));
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_F(PostgresStoreTest, OneOfManyReplicasMakesTheSchema) {
  constexpr int kReplicas = 6;
  std::vector<std::unique_ptr<PostgresStore>> stores(kReplicas);
  std::vector<std::thread> threads;
  options_.database = Server().Address(database_);
  for (int i = 0; i < kReplicas; ++i) {
    prometheus::Registry& metrics = metrics_.emplace_back();
    threads.emplace_back(
        [&, i] { stores.at(static_cast<size_t>(i)) = *PostgresStore::Open(options_, clock_, metrics); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const auto& store : stores) {
    EXPECT_EQ(store->lineage(), stores.front()->lineage());
  }
}

TEST_F(PostgresStoreTest, FollowsTheHeadAlsoWhereNobodyAnnouncesIt) {
  options_.poll = absl::Milliseconds(10);
  const auto store = Open();
  absl::Notification rung;
  const auto subscription = store->committed().Subscribe([&] {
    EXPECT_EQ(store->head(), 1);
    rung.Notify();
  });
  ASSERT_THAT(Connect(database_)->Execute("INSERT INTO change_sets VALUES (1, 1, 'somebody', '', 'digest', 0);"
                                          "UPDATE history SET head = 1, digest = 'digest'"),
              IsOk());
  rung.WaitForNotification();
}

TEST_F(PostgresStoreTest, FindsTheHeadOfOthersWithoutWaitingToHearOfIt) {
  options_.poll = absl::Hours(1);
  const auto store = Open();
  ASSERT_THAT(Connect(database_)->Execute("INSERT INTO change_sets VALUES (1, 1, 'somebody', '', 'digest', 0);"
                                          "UPDATE history SET head = 1, digest = 'digest'"),
              IsOk());
  const auto head = store->FindHead();
  ASSERT_THAT(head, IsOk());
  EXPECT_EQ(*head, 1);
  EXPECT_EQ(store->head(), 1);
}

TEST_F(PostgresStoreTest, HearsAnAnnouncementWithoutLooking) {
  options_.poll = absl::Hours(1);
  const auto store = Open();
  const auto other = Open();
  absl::Notification first;
  absl::Notification second;
  const auto subscription = other->committed().Subscribe([&] { (other->head() == 1 ? first : second).Notify(); });
  // The first may be seen in the look that follows connecting; the second can only be heard.
  ASSERT_THAT(PutMineral(*store, "cobalt"), IsOk());
  first.WaitForNotification();
  ASSERT_THAT(PutMineral(*store, "tin"), IsOk());
  second.WaitForNotification();
  EXPECT_EQ(other->head(), 2);
}

TEST_F(PostgresStoreTest, ACopyOfTheDatabaseIsAnotherLineage) {
  std::string lineage;
  {
    const auto store = Open();
    ASSERT_THAT(PutMineral(*store, "cobalt"), IsOk());
    lineage = store->lineage();
  }
  const std::string copy = Server().CreateDatabase(absl::StrCat("TEMPLATE ", database_));
  const auto restored = Open(Server().Address(copy));
  EXPECT_NE(restored->lineage(), lineage);
  EXPECT_EQ(restored->head(), 1);
  EXPECT_EQ(restored->ReadChanges(1, 0, 1 << 20)->revision().lineage(), restored->lineage());
  EXPECT_EQ(Open()->lineage(), lineage) << "the original is what it was";
}

TEST_F(PostgresStoreTest, FollowsItsDatabaseIntoAnotherLineage) {
  options_.poll = absl::Milliseconds(10);
  const auto store = Open();
  ASSERT_THAT(PutMineral(*store, "cobalt"), IsOk());
  ASSERT_THAT(PutMineral(*store, "tin"), IsOk());
  const std::string& before = store->lineage();
  absl::Notification rung;
  const auto subscription = store->committed().Subscribe([&] {
    if (store->lineage() != before && !rung.HasBeenNotified()) {
      rung.Notify();
    }
  });
  // As after a promotion that lost a revision.
  ASSERT_THAT(Connect(database_)->Query("UPDATE history SET head = 1, lineage = 'another'"), IsOk());
  rung.WaitForNotification();
  EXPECT_EQ(store->lineage(), "another");
  EXPECT_EQ(store->head(), 1);
  EXPECT_NE(before, "another") << "who holds the old name may go on reading it";
}

TEST_F(PostgresStoreTest, RefusesADatabaseOfANewerRelease) {
  Open();
  ASSERT_THAT(Connect(database_)->Query("UPDATE schema SET version = 98"), IsOk());
  Open();
  ASSERT_THAT(Connect(database_)->Query("UPDATE schema SET version = 99, oldest_user = 99"), IsOk());
  EXPECT_THAT(TryOpen(Server().Address(database_)), HasError(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_NEW"));
}

TEST_F(PostgresStoreTest, RefusesADatabaseFromBeforeTheFirstRelease) {
  Open();
  ASSERT_THAT(Connect(database_)->Query("UPDATE schema SET version = 1, oldest_user = 1"), IsOk());
  EXPECT_THAT(TryOpen(Server().Address(database_)), HasError(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_OLD"));
}

TEST_F(PostgresStoreTest, NeedsNoRightToCreateOnceTheSchemaExists) {
  Open();
  ASSERT_THAT(
      Connect(database_)->Execute("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN;"
                                  "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO guest"),
      IsOk());
  const auto store = Open(absl::StrCat(Server().Address(database_), " user=guest"));
  EXPECT_THAT(PutMineral(*store, "cobalt"), IsOk());
  ASSERT_THAT(Connect(database_)->Execute("DROP OWNED BY guest; DROP ROLE guest"), IsOk());
}

TEST_F(PostgresStoreTest, SaysWhatIsWrongAtTheStart) {
  EXPECT_THAT(TryOpen("postgres://h/d?nonsense=1"), BlamesField("--database"));
  EXPECT_THAT(TryOpen("postgres://me:secret@h/d"), BlamesField("--database"));
  const auto away = TryOpen("postgres://nobody@127.0.0.1:1/none");
  EXPECT_THAT(away, HasError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE"));
  EXPECT_THAT(std::string(away.status().message()), HasSubstr("port 1 failed: Connection refused"));
  EXPECT_THAT(std::string(TryOpen(Server().Address("absent")).status().message()),
              HasSubstr("\"absent\" does not exist"));
}

TEST_F(PostgresStoreTest, ATextThatCannotBeStoredFailsItsOwnWriteAlone) {
  const auto store = Open();
  const std::string zero("a\0b", 3);
  const std::vector<Author> bad_authors = {{zero, ""}, {"alice", zero}, {"alice", std::string(2000, 'x')}};
  absl::BlockingCounter begun(static_cast<int>(bad_authors.size()) + 1);
  std::vector<std::thread> threads;
  threads.reserve(bad_authors.size() + 1);
  for (const Author& author : bad_authors) {
    threads.emplace_back([&] {
      begun.DecrementCount();
      EXPECT_THAT(PutMineral(*store, "tin", author), HasError(absl::StatusCode::kInvalidArgument, "UNSUPPORTED_TEXT"));
    });
  }
  threads.emplace_back([&] {
    begun.DecrementCount();
    EXPECT_THAT(PutMineral(*store, zero), HasError(absl::StatusCode::kInvalidArgument, "UNSUPPORTED_TEXT"));
  });
  begun.Wait();
  EXPECT_THAT(PutMineral(*store, "cobalt"), IsOk());
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(store->head(), 1);
  EXPECT_THAT(store->Find(Kind::kMineral, zero), HasError(absl::StatusCode::kInvalidArgument, "UNSUPPORTED_TEXT"));
  EXPECT_THAT(store->Commit(kAnybody,
                            [&](WriteTransaction& transaction) -> absl::Status {
                              OREWATCH_ASSIGN_OR_RETURN(const auto found, transaction.Find(Kind::kMineral, zero));
                              EXPECT_FALSE(found.has_value());
                              OREWATCH_ASSIGN_OR_RETURN(const auto referrers, transaction.Referrers(zero, 1));
                              EXPECT_TRUE(referrers.empty());
                              OREWATCH_ASSIGN_OR_RETURN(const auto past, transaction.FindRequest({zero, zero}));
                              EXPECT_FALSE(past.has_value());
                              return absl::OkStatus();
                            }),
              IsOk());
}

TEST_F(PostgresStoreTest, CommitsDurablyWhereTheDatabaseWouldNot) {
  ASSERT_THAT(
      Connect("postgres")
          ->Execute(absl::StrCat("ALTER DATABASE ", database_, " SET synchronous_commit = off;", "ALTER DATABASE ",
                                 database_, " SET default_transaction_isolation = 'serializable'")),
      IsOk());
  const auto store = Open();
  for (int i = 0; i < 20; ++i) {
    ASSERT_THAT(PutMineral(*store, absl::StrCat("m", i)), IsOk());
  }
  Server().Kill();
  ASSERT_THAT(Server().StartAgain(), IsOk());
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(Exists(*store, absl::StrCat("m", i)));
  }
}

}  // namespace
}  // namespace orewatch::registry
