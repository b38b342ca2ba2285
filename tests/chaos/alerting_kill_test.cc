// Alerting is killed at every step from a score to a receiver, with a real Alertmanager behind it: each change is told,
// none twice but where it was killed, and no end that was none.
#include <algorithm>
#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/storage/postgres.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "tests/chaos/alert_scene.h"
#include "tests/chaos/death.h"
#include "tests/chaos/run.h"
#include "tests/testing/postgres_server.h"

namespace orewatch::testing {
namespace {

// A lease of PostgreSQL outlives its holder by this much.
constexpr char kLease[] = "--lease_duration=2s";

class AlertingKillTest : public ::testing::Test {
 protected:
  void StartOnSqlite() { Start(absl::StrCat("--data_dir=", scene_.dir(), "/alerting")); }
  void StartOnPostgres() {
    auto postgres = PostgresServer::Start();
    ASSERT_TRUE(postgres.ok()) << postgres.status();
    postgres_ = *std::move(postgres);
    database_ = postgres_->Address(postgres_->CreateDatabase());
    Start(absl::StrCat("--database=", database_));
  }
  void Start(const std::string& where) {
    std::vector<std::string> flags = scene_.Flags();
    flags.insert(flags.end(), {where, kLease, absl::StrCat("--death=", order_)});
    alerting_ = std::make_unique<ServiceProcess>(MORTAL_ALERTING, absl::StrCat(scene_.dir(), "/alerting.log"), flags);
    scene_.CreateRule(alerting_->channel());
    // One that fires all the time, and must be heard of once.
    scene_.Set(kBystander, Concentration::kWarning);
    scene_.AwaitTold(alerting_->channel());
  }
  // One change, of which alerting dies at the step; another happens while it is dead.
  void DieAt(const std::string& step, int mineral, int meanwhile) {
    SCOPED_TRACE(step);
    Death::Order(order_, step);
    scene_.Advance(mineral);
    ASSERT_EQ(alerting_->process().Wait(kPatience), -SIGKILL);
    GoOn(meanwhile);
  }
  void GoOn(int meanwhile) {
    const absl::Time killed = absl::Now();
    scene_.Advance(meanwhile);
    alerting_->Start();
    alerting_->AwaitReady();
    scene_.AwaitTold(alerting_->channel());
    scene_.Excuse(killed, absl::Now());
  }
  // Each step, each with a change of another kind than the last.
  void DieAtEach(const std::vector<const char*>& steps) {
    for (const char* step : steps) {
      DieAt(step, 0, 1);
      if (HasFailure()) {
        return;
      }
    }
    scene_.Check(alerting_->channel());
    std::cout << scene_.duplicates() << " told again\n";
  }
  void DieAtRandom(const std::vector<const char*>& steps) {
    Random random(SeedOfRun());
    constexpr int kDeaths = 200;
    for (int death = 0; death < kDeaths && !HasFailure(); ++death) {
      const auto mineral = static_cast<int>(Between(0, kBystander - 1, random));
      const auto meanwhile = static_cast<int>((mineral + Between(1, kBystander - 1, random)) % kBystander);
      if (OneIn(3, random)) {
        scene_.Advance(mineral);
        absl::SleepFor(absl::Milliseconds(Between(0, 1000, random)));
        alerting_->Kill();
        GoOn(meanwhile);
      } else {
        DieAt(steps[static_cast<size_t>(Between(0, static_cast<int64_t>(steps.size()) - 1, random))], mineral,
              meanwhile);
      }
    }
    scene_.Check(alerting_->channel());
    std::cout << scene_.duplicates() << " told again\n";
  }

  static constexpr int kBystander = AlertScene::kMinerals - 1;

  AlertScene scene_{/*confirmed=*/true};
  const std::string order_ = absl::StrCat(scene_.dir(), "/order");
  std::unique_ptr<PostgresServer> postgres_;
  std::string database_;
  std::unique_ptr<ServiceProcess> alerting_;
};

TEST_F(AlertingKillTest, FromEvaluationToTheReceiverWithSqlite) {
  StartOnSqlite();
  DieAtEach({step::kEvaluated, step::kCommitting, step::kCommitted, step::kPosting, step::kPosted});
}

TEST_F(AlertingKillTest, FromTheReceiverToItsRecordWithSqlite) {
  StartOnSqlite();
  DieAtEach({step::kCalling, step::kCalled, step::kRecording, step::kRecorded, step::kConfirming, step::kConfirmed});
}

TEST_F(AlertingKillTest, AtTheCommitWithPostgres) {
  StartOnPostgres();
  DieAtEach({step::kEvaluated, step::kCommitted, step::kRecorded});
}

// PostgreSQL finishes a COMMIT that it has begun, also if nobody is left to hear of it.
TEST_F(AlertingKillTest, WhileItsCommitIsUnderWayWithPostgres) {
  StartOnPostgres();
  auto db = storage::Postgres::Open({.database = database_});
  ASSERT_THAT(db, IsOk());
  // Commits of changes stop at their end until the lock is free.
  ASSERT_THAT((*db)->Execute(R"sql(
      CREATE FUNCTION stop_at_the_end() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER stop_at_the_end AFTER INSERT ON timeline DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION stop_at_the_end())sql"),
              IsOk());
  for (const bool happens : {true, false}) {
    SCOPED_TRACE(happens ? "the commit happens" : "the commit fails");
    ASSERT_THAT((*db)->Execute("SELECT pg_advisory_lock(1)"), IsOk());
    scene_.Advance(0);
    int64_t backend = 0;
    ASSERT_TRUE(Eventually("a commit waits", [&] {
      const auto waits = (*db)->Query("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
      backend = waits.ok() && !waits->empty() ? waits->Int(0, 0) : 0;
      return backend != 0;
    }));
    alerting_->Kill();
    if (!happens) {
      ASSERT_THAT((*db)->Execute(absl::StrCat("SELECT pg_terminate_backend(", backend, ")")), IsOk());
    }
    ASSERT_THAT((*db)->Execute("SELECT pg_advisory_unlock(1)"), IsOk());
    GoOn(1);
  }
  scene_.Check(alerting_->channel());
}

TEST_F(AlertingKillTest, AnywhereForLongWithSqlite) {
  if (!Soaking()) {
    GTEST_SKIP() << "OREWATCH_SOAK is not set";
  }
  StartOnSqlite();
  DieAtRandom({step::kAll.begin(), step::kAll.end()});
}

TEST_F(AlertingKillTest, AnywhereForLongWithPostgres) {
  if (!Soaking()) {
    GTEST_SKIP() << "OREWATCH_SOAK is not set";
  }
  StartOnPostgres();
  std::vector<const char*> steps(step::kAll.begin(), step::kAll.end());
  std::erase(steps, step::kCommitting);
  DieAtRandom(steps);
}

}  // namespace
}  // namespace orewatch::testing
