// Against a real server: the layer is thin, so most of what can go wrong is between it and the server.
#include "common/storage/postgres.h"

#include <limits>
#include <optional>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/storage/postgres_errors.h"
#include "common/storage/postgres_listener.h"
#include "common/storage/postgres_metrics.h"
#include "common/storage/postgres_pool.h"
#include "common/testing/matchers.h"
#include "common/time/patience.h"
#include "tests/testing/postgres_server.h"

namespace orewatch::storage {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::SharedPostgresServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(PostgresErrorsTest, MapsEachClassOfSqlStateToItsCode) {
  const std::pair<const char*, absl::StatusCode> expected[] = {
      {"23505", absl::StatusCode::kAlreadyExists},    {"23503", absl::StatusCode::kFailedPrecondition},
      {"40001", absl::StatusCode::kAborted},          {"40P01", absl::StatusCode::kAborted},
      {"57014", absl::StatusCode::kDeadlineExceeded}, {"57P01", absl::StatusCode::kUnavailable},
      {"57P03", absl::StatusCode::kUnavailable},      {"53100", absl::StatusCode::kUnavailable},
      {"53300", absl::StatusCode::kUnavailable},      {"58030", absl::StatusCode::kUnavailable},
      {"25006", absl::StatusCode::kUnavailable},      {"08006", absl::StatusCode::kUnavailable},
      {"28P01", absl::StatusCode::kUnavailable},      {"XX001", absl::StatusCode::kDataLoss},
      {"22021", absl::StatusCode::kInvalidArgument},  {"42601", absl::StatusCode::kInternal},
      {"54000", absl::StatusCode::kInvalidArgument},  {"", absl::StatusCode::kUnavailable},
  };
  for (const auto& [sqlstate, code] : expected) {
    EXPECT_THAT(StatusOfSqlState(sqlstate), HasCode(code)) << sqlstate;
    EXPECT_NE(ErrorReason(StatusOfSqlState(sqlstate)), "") << sqlstate;
  }
}

TEST(PostgresDatabaseTest, TakesConnectionStringsWithoutAPassword) {
  EXPECT_THAT(CheckPostgresDatabase("postgres://registry@db.example/orewatch?sslmode=verify-full"), IsOk());
  EXPECT_THAT(CheckPostgresDatabase("host=/run/postgresql dbname=orewatch"), IsOk());
  EXPECT_THAT(CheckPostgresDatabase("postgres://registry:secret@db.example/orewatch"), BlamesField("--database"));
  EXPECT_THAT(CheckPostgresDatabase("postgres://h/d?password=secret"), BlamesField("--database"));
  EXPECT_THAT(CheckPostgresDatabase("postgres://h/d?nonsense=1"), BlamesField("--database"));
  EXPECT_THAT(CheckPostgresDatabase("not a connection string"), BlamesField("--database"));
}

TEST(PostgresValuesTest, KnowsWhatTheServerTakesForText) {
  for (const char* text : {"", "cobalt", "\x7f", "\u00e9", "\u20ac", "\U0001f600", "\U0010ffff"}) {
    EXPECT_TRUE(IsPostgresText(text)) << text;
  }
  EXPECT_FALSE(IsPostgresText(absl::string_view("a\0b", 3)));
  // A lone trail byte, a character cut short, an overlong form, a surrogate, one above the last code point.
  for (const char* text : {"a\x80", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"}) {
    EXPECT_FALSE(IsPostgresText(text)) << absl::CHexEscape(text);
  }
}

class PostgresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.database = SharedPostgresServer().Address(SharedPostgresServer().CreateDatabase());
    options_.metrics = &metrics_;
    db_ = Open();
    ASSERT_THAT(db_->Execute("CREATE TABLE t(k text PRIMARY KEY, v bytea, n bigint)"), IsOk());
  }
  std::unique_ptr<Postgres> Open() {
    auto db = Postgres::Open(options_);
    EXPECT_THAT(db, IsOk());
    return *std::move(db);
  }
  absl::Status Insert(absl::string_view key, absl::string_view value = "") {
    return db_->Query("INSERT INTO t VALUES ($1, $2, 0)", PostgresParameters().Text(key).Bytes(value)).status();
  }
  int64_t Count() {
    const auto rows = db_->Query("SELECT count(*) FROM t");
    EXPECT_THAT(rows, IsOk());
    return rows->Int(0, 0);
  }
  // Ends a connection from the server's side, and returns when it has ended.
  void Terminate(int pid) {
    const char* terminate = "SELECT pg_terminate_backend($1::bigint::integer, 30000)";
    ASSERT_THAT(db_->Query(terminate, PostgresParameters().Int(pid)), IsOk());
  }
  double Errors(const std::string& error_class) {
    for (const auto& family : registry_.Collect()) {
      for (const auto& metric : family.metric) {
        if (family.name == "orewatch_db_errors_total" && metric.label.front().value == error_class) {
          return metric.counter.value;
        }
      }
    }
    return -1;
  }

  prometheus::Registry registry_;
  PostgresMetrics metrics_{registry_, {}};
  PostgresOptions options_;
  std::unique_ptr<Postgres> db_;
};

TEST_F(PostgresTest, ReturnsWhatWasBoundIncludingQuotesAndZeroBytes) {
  const std::string value("a'b\0\xff", 5);
  ASSERT_THAT(Insert("k'; DROP TABLE t; --", value), IsOk());
  const auto rows = db_->Query("SELECT k, v, NULL::text, true, 7::smallint, -8::integer FROM t");
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(rows->Text(0, 0), "k'; DROP TABLE t; --");
  EXPECT_EQ(std::string(rows->Bytes(0, 1)), value);
  EXPECT_TRUE(rows->IsNull(0, 2));
  EXPECT_EQ(rows->Int(0, 3), 1);
  EXPECT_EQ(rows->Int(0, 4), 7);
  EXPECT_EQ(rows->Int(0, 5), -8);
}

TEST_F(PostgresTest, TakesColumnsAsArraysAlsoWhenTheyAreEmpty) {
  const char* insert = "INSERT INTO t SELECT * FROM unnest($1::text[], $2::bytea[], $3::bigint[])";
  const std::string zero("\0", 1);
  const std::vector<int64_t> numbers = {std::numeric_limits<int64_t>::min(), -1, std::numeric_limits<int64_t>::max()};
  const auto inserted =
      db_->Query(insert, PostgresParameters().Texts({"a", "b,\"{}", ""}).BytesArray({zero, "", "x"}).Ints(numbers));
  ASSERT_THAT(inserted, IsOk());
  EXPECT_EQ(inserted->affected(), 3);
  EXPECT_THAT(db_->Query(insert, PostgresParameters().Texts({}).BytesArray({}).Ints({})), IsOk());
  const auto rows = db_->Query("SELECT k, v, n FROM t ORDER BY n");
  ASSERT_EQ(rows->size(), 3);
  EXPECT_EQ(rows->Text(1, 0), "b,\"{}");
  EXPECT_EQ(rows->Bytes(0, 1), zero);
  EXPECT_EQ(rows->Int(0, 2), numbers[0]);
  EXPECT_EQ(rows->Int(1, 2), numbers[1]);
  EXPECT_EQ(rows->Int(2, 2), numbers[2]);
}

TEST_F(PostgresTest, TakesNumbersWithAPoint) {
  for (const double number : {0.75, -1e300, 1.0 / 3}) {
    EXPECT_EQ(db_->Query("SELECT $1", PostgresParameters().Double(number))->Double(0, 0), number);
  }
}

TEST_F(PostgresTest, AFailedStatementUndoesItsBatchAndLeavesTheConnectionUsable) {
  const char* insert = "INSERT INTO t(k) VALUES ($1)";
  EXPECT_THAT(db_->Run({{insert, PostgresParameters().Text("a")},
                        {insert, PostgresParameters().Text("a")},
                        {"SELECT 1 / 0"},
                        {"SELECT count(*) FROM t"}}),
              HasError(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS"));
  EXPECT_FALSE(db_->lost());
  EXPECT_EQ(Count(), 0);
  EXPECT_EQ(Errors("constraint"), 1);
  // The statements that were not run are prepared again.
  EXPECT_THAT(db_->Run({{insert, PostgresParameters().Text("a")}, {"SELECT count(*) FROM t"}}), IsOk());
}

TEST_F(PostgresTest, ABatchMayBeLargerThanAllBuffersBetween) {
  constexpr int kStatements = 32;
  const std::string large(1 << 20, 'x');
  std::vector<PostgresStatement> batch;
  batch.reserve(kStatements);
  for (int i = 0; i < kStatements; ++i) {
    // Answers as large as the questions: either side would wait for the other if we did not read while we send.
    batch.push_back({"SELECT $1::bytea", PostgresParameters().Bytes(large)});
  }
  const auto rows = db_->Run(batch);
  ASSERT_THAT(rows, IsOk());
  ASSERT_EQ(rows->size(), batch.size());
  EXPECT_EQ(rows->back().Bytes(0, 0).size(), large.size());
}

TEST_F(PostgresTest, RollsBackWhatFailsAndKeepsWhatSucceeds) {
  EXPECT_THAT(db_->Transact([&] { return Insert("kept"); }), IsOk());
  EXPECT_THAT(db_->Transact([&]() -> absl::Status {
    EXPECT_THAT(Insert("lost"), IsOk());
    return absl::AbortedError("changed my mind");
  }),
              HasCode(absl::StatusCode::kAborted));
  EXPECT_THAT(db_->Transact([&] { return Insert("kept"); }), HasCode(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Count(), 1);
}

TEST_F(PostgresTest, TheServerStopsAStatementAtTheDeadline) {
  db_->set_deadline(absl::Now() + absl::Milliseconds(50));
  EXPECT_THAT(db_->Query("SELECT pg_sleep(30)"), HasError(absl::StatusCode::kDeadlineExceeded, "STORAGE_TIMEOUT"));
  EXPECT_FALSE(db_->lost());
  EXPECT_THAT(db_->Query("SELECT 1"), HasCode(absl::StatusCode::kDeadlineExceeded)) << "the deadline has passed";
  db_->set_deadline(absl::InfiniteFuture());
  EXPECT_THAT(db_->Query("SELECT 1"), IsOk());
  EXPECT_EQ(Errors("timeout"), 2);
}

TEST_F(PostgresTest, GivesUpAServerThatDoesNotAnswerAtAll) {
  options_.statement_timeouts = false;
  const auto stuck = Open();
  stuck->set_deadline(absl::Now() + absl::Milliseconds(10));
  EXPECT_THAT(stuck->Query("SELECT pg_sleep(30)"), HasCode(absl::StatusCode::kDeadlineExceeded));
  EXPECT_TRUE(stuck->lost());
  EXPECT_THAT(stuck->Query("SELECT 1"), HasCode(absl::StatusCode::kUnavailable));
  stuck->Cancel();
}

TEST_F(PostgresTest, AProcessThatEndsDoesNotWaitForAServerThatDoesNotAnswer) {
  const auto stuck = Open();
  EndPatienceIn(absl::ZeroDuration());
  EXPECT_THAT(stuck->Query("SELECT pg_sleep(600)"), HasCode(absl::StatusCode::kDeadlineExceeded));
  EXPECT_TRUE(stuck->lost());
  EXPECT_THAT(Postgres::Open(options_), HasError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE"));
  EndPatienceIn(absl::Hours(24));
}

TEST_F(PostgresTest, AnotherThreadCanCancelAStatement) {
  // A lock that is held shows when the statement has begun to wait for it.
  const auto holder = Open();
  ASSERT_THAT(holder->Query("SELECT pg_advisory_lock(1)"), IsOk());
  std::thread canceller([&] {
    const char* waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    while (holder->Query(waiting)->Int(0, 0) == 0) {
      std::this_thread::yield();
    }
    db_->Cancel();
  });
  EXPECT_THAT(db_->Query("SELECT pg_advisory_lock(1)"), HasCode(absl::StatusCode::kDeadlineExceeded));
  canceller.join();
  EXPECT_THAT(db_->Query("SELECT 1"), IsOk());
}

TEST_F(PostgresTest, NamesLostConnectionsAsUnavailable) {
  const auto victim = Open();
  EXPECT_TRUE(victim->StillOpen());
  Terminate(victim->backend_pid());
  EXPECT_THAT(victim->Query("SELECT 1"), HasError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE"));
  EXPECT_TRUE(victim->lost());
  EXPECT_FALSE(victim->StillOpen());
}

TEST_F(PostgresTest, SaysWhyItCannotConnect) {
  options_.database = "postgres://nobody@127.0.0.1:1/none";
  const auto refused = Postgres::Open(options_);
  EXPECT_THAT(refused, HasError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("port 1 failed: Connection refused"));
  EXPECT_THAT(WithoutDetails(refused.status()).ToString(), Not(HasSubstr("port")));
  options_.database = SharedPostgresServer().Address("no_such_database");
  EXPECT_THAT(std::string(Postgres::Open(options_).status().message()), HasSubstr("no_such_database"));
  options_.database =
      SharedPostgresServer().Address(SharedPostgresServer().CreateDatabase("ENCODING 'SQL_ASCII' TEMPLATE template0"));
  EXPECT_THAT(Postgres::Open(options_), HasError(absl::StatusCode::kFailedPrecondition, "WRONG_ENCODING"));
}

class PostgresPoolTest : public PostgresTest {
 protected:
  static constexpr int kSize = 2;

  void SetUp() override {
    PostgresTest::SetUp();
    pool_.emplace(options_, kSize, metrics_);
  }
  absl::Status Ask(absl::Duration timeout = absl::Seconds(30)) {
    return pool_->Read("test", absl::Now() + timeout, [&](Postgres& db) {
      pid_ = db.backend_pid();
      return db.Query("SELECT 1").status();
    });
  }
  std::optional<PostgresPool> pool_;
  // Backend that served the last Ask.
  int pid_ = 0;
};

TEST_F(PostgresPoolTest, ReusesConnections) {
  ASSERT_THAT(Ask(), IsOk());
  const int first = pid_;
  ASSERT_THAT(Ask(), IsOk());
  EXPECT_EQ(pid_, first);
}

TEST_F(PostgresPoolTest, ReplacesAConnectionThatTheServerEnded) {
  ASSERT_THAT(Ask(), IsOk());
  Terminate(pid_);
  EXPECT_THAT(Ask(), IsOk());
}

TEST_F(PostgresPoolTest, RepeatsAReadWhoseConnectionBrokeUnderIt) {
  ASSERT_THAT(Ask(), IsOk());
  int runs = 0;
  EXPECT_THAT(pool_->Read("test", absl::Now() + absl::Seconds(30),
                          [&](Postgres& db) {
                            if (++runs == 1) {
                              Terminate(db.backend_pid());
                            }
                            return db.Query("SELECT 1").status();
                          }),
              IsOk());
  EXPECT_EQ(runs, 2);
}

TEST_F(PostgresPoolTest, TellsThoseWhoWaitTooLongToComeBack) {
  absl::BlockingCounter busy(kSize);
  absl::Notification done;
  std::vector<std::thread> holders;
  holders.reserve(kSize);
  for (int i = 0; i < kSize; ++i) {
    holders.emplace_back([&] {
      EXPECT_THAT(pool_->Read("test", absl::InfiniteFuture(),
                              [&](Postgres&) {
                                busy.DecrementCount();
                                done.WaitForNotification();
                                return absl::OkStatus();
                              }),
                  IsOk());
    });
  }
  busy.Wait();
  EXPECT_THAT(Ask(absl::Milliseconds(10)), HasError(absl::StatusCode::kResourceExhausted, "STORAGE_CONNECTIONS"));
  done.Notify();
  for (std::thread& holder : holders) {
    holder.join();
  }
  EXPECT_THAT(Ask(), IsOk());
}

TEST_F(PostgresTest, AListenerHearsAndLooksAndComesBackAfterALoss) {
  absl::Mutex mutex;
  int connected = 0;
  int looked = 0;
  int pid = 0;
  std::vector<std::string> heard;
  PostgresListener::Options options{options_, "news", absl::Milliseconds(10), {}, {}, {}};
  options.connected = [&](Postgres& db) {
    absl::MutexLock lock(&mutex);
    pid = db.backend_pid();
    ++connected;
    return absl::OkStatus();
  };
  options.look = [&](Postgres& db) {
    absl::MutexLock lock(&mutex);
    ++looked;
    return db.Query("SELECT 1").status();
  };
  options.heard = [&](const std::string& payload) {
    absl::MutexLock lock(&mutex);
    heard.push_back(payload);
    return payload != "odd";
  };
  const PostgresListener listener(options);
  const auto await = [&](absl::FunctionRef<bool()> condition) {
    absl::MutexLock lock(&mutex);
    EXPECT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&condition), absl::Seconds(30)));
  };
  await([&] { return connected == 1; });
  ASSERT_THAT(db_->Run({{"SELECT pg_notify('news', 'one')"}, {"SELECT pg_notify('news', 'two')"}}), IsOk());
  await([&] { return heard.size() == 2; });
  EXPECT_THAT(heard, ElementsAre("one", "two"));
  await([&] { return looked > 0; });
  Terminate(pid);
  await([&] { return connected == 2; });
  ASSERT_THAT(db_->Run({{"SELECT pg_notify('news', 'odd')"}}), IsOk());
  await([&] { return connected == 3; });
}

}  // namespace
}  // namespace orewatch::storage
