// --migrate, as the Job before a rollout runs it: on SQLite and on a real PostgreSQL.
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "tests/testing/child_process.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/service_process.h"

namespace orewatch::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Service {
  std::string name;
  int newest_schema;
  // Where its PostgreSQL database keeps the version.
  std::string table;
};

const Service kServices[] = {{"registry", 2, "schema"}, {"risk", 2, "risk_schema"}, {"alerting", 4, "alerting_schema"}};

Finished MigrateBy(const std::string& service, const std::string& flag) {
  return RunToEnd({.program = absl::StrCat("orewatch-", service), .arguments = {"--migrate", flag}});
}

void RunSql(const std::string& sql, const std::string& database) {
  const absl::Status done = SharedPostgresServer().RunClient("psql", {"-q", "-d", database, "-c", sql});
  ASSERT_THAT(done, IsOk());
}

class MigrateTest : public ::testing::TestWithParam<Service> {};
INSTANTIATE_TEST_SUITE_P(Services, MigrateTest, ::testing::ValuesIn(kServices),
                         [](const auto& service) { return service.param.name; });

TEST_P(MigrateTest, MakesTheTablesOnceInAFolderAndTheServiceTakesThem) {
  const TempDir dir;
  const std::string flag = absl::StrCat("--data_dir=", dir / "data");
  const Finished first = MigrateBy(GetParam().name, flag);
  EXPECT_EQ(first.code, 0);
  EXPECT_THAT(first.output, StartsWith(absl::StrCat(GetParam().name, ": new, schema ")));
  const Finished second = MigrateBy(GetParam().name, flag);
  EXPECT_EQ(second.code, 0);
  EXPECT_THAT(second.output, AllOf(HasSubstr(": schema "), HasSubstr(", nothing to do\n")));
  if (GetParam().name == "risk") {
    return;  // It is ready once it has a registry.
  }
  ServiceProcess service(absl::StrCat("orewatch-", GetParam().name), dir / "log", {flag});
  EXPECT_EQ(service.Terminate(), 0);
}

TEST_P(MigrateTest, AProbeMigratesNothing) {
  const TempDir dir;
  const Finished refused =
      RunToEnd({.program = absl::StrCat("orewatch-", GetParam().name),
                .arguments = {"--check_ready", "--migrate", absl::StrCat("--data_dir=", dir / "data")}});
  EXPECT_EQ(refused.code, 2) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("--check_ready"));
  struct stat found {};
  EXPECT_NE(stat((dir / "data").c_str(), &found), 0);
}

TEST_P(MigrateTest, OfSeveralAtOnceOneMakesTheTablesInPostgreSql) {
  const std::string database = SharedPostgresServer().CreateDatabase();
  const std::string flag = absl::StrCat("--database=", SharedPostgresServer().Address(database));
  std::vector<Finished> done(4);
  std::vector<std::thread> threads;
  threads.reserve(done.size());
  for (Finished& one : done) {
    threads.emplace_back([&] { one = MigrateBy(GetParam().name, flag); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  int made = 0;
  for (const Finished& one : done) {
    EXPECT_EQ(one.code, 0) << one.output;
    if (one.output == absl::StrCat(GetParam().name, ": new, schema ", GetParam().newest_schema, "\n")) {
      ++made;
    } else {
      EXPECT_EQ(one.output, absl::StrCat(GetParam().name, ": schema ", GetParam().newest_schema, ", nothing to do\n"));
    }
  }
  EXPECT_EQ(made, 1);
}

TEST_P(MigrateTest, ASchemaThatIsTooNewEndsItWithOneLine) {
  const std::string database = SharedPostgresServer().CreateDatabase();
  const std::string flag = absl::StrCat("--database=", SharedPostgresServer().Address(database));
  ASSERT_EQ(MigrateBy(GetParam().name, flag).code, 0);
  RunSql(absl::StrCat("UPDATE ", GetParam().table, " SET version = 99"), database);
  const Finished newer = MigrateBy(GetParam().name, flag);
  EXPECT_EQ(newer.code, 0) << "what a newer binary has added does not trouble this one";
  EXPECT_EQ(newer.output, absl::StrCat(GetParam().name, ": schema 99, nothing to do\n"));
  RunSql(absl::StrCat("UPDATE ", GetParam().table, " SET oldest_user = 99"), database);
  const Finished refused = MigrateBy(GetParam().name, flag);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output, AllOf(StartsWith("error: "), HasSubstr(" has schema 99; this binary knows ")));
  EXPECT_EQ(std::count(refused.output.begin(), refused.output.end(), '\n'), 1) << refused.output;
}

TEST_P(MigrateTest, ADatabaseThatCannotBeReachedEndsItWithOneLine) {
  const Finished away =
      MigrateBy(GetParam().name, absl::StrCat("--database=postgres://u@127.0.0.1:", FreePort(), "/x"));
  EXPECT_EQ(away.code, 1);
  EXPECT_THAT(away.output, AllOf(StartsWith("error: the database: "), HasSubstr("Connection refused")));
  EXPECT_EQ(std::count(away.output.begin(), away.output.end(), '\n'), 1) << away.output;
  EXPECT_EQ(MigrateBy(GetParam().name, "--database=host='").code, 2);
}

TEST(MigrateSuiteTest, SaysALineOnEachOfTheThreeDatabases) {
  const TempDir dir;
  const Finished done =
      RunToEnd({.program = "orewatch", .arguments = {"--migrate", absl::StrCat("--data_dir=", dir / "data")}});
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.output, "registry: new, schema 2\nrisk: new, schema 2\nalerting: new, schema 5\n");
}

// Of locks on the table that says which schema there is.
bool HoldsThat(const std::string& condition, const std::string& database) {
  const std::string sql =
      absl::StrCat("DO $$ BEGIN ASSERT EXISTS (SELECT FROM pg_locks WHERE relation = 'schema'::regclass AND ",
                   condition, "); END $$");
  return SharedPostgresServer().RunClient("psql", {"-q", "-d", database, "-c", sql}).ok();
}

TEST(MigrateSuiteTest, ASignalEndsItWhileItWaitsForATable) {
  const std::string database = SharedPostgresServer().CreateDatabase();
  const std::string address = SharedPostgresServer().Address(database);
  const std::string flag = absl::StrCat("--database=", address);
  ASSERT_EQ(MigrateBy("registry", flag).code, 0);
  const auto locker =
      ChildProcess::Start({.program = "/usr/bin/psql",
                           .arguments = {"-q", "-d", address, "-c", "BEGIN; LOCK TABLE schema; SELECT pg_sleep(600)"}});
  ASSERT_THAT(locker, IsOk());
  ASSERT_TRUE(Eventually("a lock", [&] { return HoldsThat("granted AND mode = 'AccessExclusiveLock'", database); }));
  auto migration = ChildProcess::Start({.program = "orewatch-registry", .arguments = {"--migrate", flag}});
  ASSERT_THAT(migration, IsOk());
  ASSERT_TRUE(Eventually("a wait for it", [&] { return HoldsThat("NOT granted", database); }));
  migration->Signal(SIGTERM);
  EXPECT_EQ(migration->Wait(absl::Seconds(10)), 130);
}

TEST(MigrateSuiteTest, LeadsOnFromAnOlderSchema) {
  const std::string database = SharedPostgresServer().CreateDatabase();
  const std::string flag = absl::StrCat("--database=", SharedPostgresServer().Address(database));
  ASSERT_EQ(MigrateBy("alerting", flag).code, 0);
  // What the third and the fourth schema added.
  RunSql("DROP TABLE facts; ALTER TABLE secret DROP COLUMN origin; UPDATE alerting_schema SET version = 2", database);
  const Finished done = MigrateBy("alerting", flag);
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.output, "alerting: schema 2 to 4\n");
  RunSql("SELECT id FROM facts", database);
}

TEST(MigrateSuiteTest, AStepThatFindsItsTablesAlreadyThereSaysWhichAndWhy) {
  const std::string database = SharedPostgresServer().CreateDatabase();
  const std::string flag = absl::StrCat("--database=", SharedPostgresServer().Address(database));
  ASSERT_EQ(MigrateBy("alerting", flag).code, 0);
  // As pg_restore --clean leaves it of a dump of the second schema: it drops only what it knows.
  RunSql("UPDATE alerting_schema SET version = 2", database);
  const Finished done = MigrateBy("alerting", flag);
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.output, AllOf(HasSubstr("error: the alerting store, the step to schema 3: "),
                                 HasSubstr("restore it into an empty database")));
}

TEST(MigrateSuiteTest, TheGatewayHasNoDatabaseAndNoSuchFlag) {
  const Finished done = RunToEnd({.program = "orewatch-gateway", .arguments = {"--migrate"}});
  EXPECT_NE(done.code, 0);
  EXPECT_THAT(done.output, HasSubstr("migrate"));
}

// Kubernetes mounts a secret for a user that is not root as root's, with a group that may read it. libpq turns such a
// password file down, and takes such a service file: that is why k8s/ mounts one.
class MountedPasswordTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto& server = *server_;
    database_ = server.CreateDatabase();
    constexpr char kRole[] = "CREATE ROLE registry LOGIN PASSWORD 'let me in'; GRANT ALL ON SCHEMA public TO registry";
    ASSERT_THAT(server.RunClient("psql", {"-q", "-d", database_, "-c", kRole}), IsOk());
    std::ofstream(server.dir() / "data" / "pg_hba.conf")
        << "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
    ASSERT_THAT(server.RunClient("psql", {"-q", "-d", database_, "-c", "SELECT pg_reload_conf()"}), IsOk());
  }
  Finished MigrateWith(const std::string& variable, const std::string& content, const std::string& settings) {
    const std::string file = dir_ / "secret";
    std::ofstream(file, std::ios::trunc) << content;
    chmod(file.c_str(), S_IRUSR | S_IRGRP);
    setenv(variable.c_str(), file.c_str(), /*overwrite=*/1);
    Finished done = MigrateBy("registry", absl::StrCat("--database=host=127.0.0.1 port=", server_->port(),
                                                       " user=registry dbname=", database_, settings));
    unsetenv(variable.c_str());
    return done;
  }

  const TempDir dir_;
  std::unique_ptr<PostgresServer> server_ = *PostgresServer::Start();
  std::string database_;
};

TEST_F(MountedPasswordTest, IsTakenFromAServiceFileThatAGroupMayRead) {
  const Finished done = MigrateWith("PGSERVICEFILE", "[registry]\npassword=let me in\n", " service=registry");
  EXPECT_EQ(done.code, 0) << done.output;
  EXPECT_EQ(done.output, "registry: new, schema 2\n");
}

TEST_F(MountedPasswordTest, IsNotTakenFromAPasswordFileThatAGroupMayRead) {
  const Finished done = MigrateWith("PGPASSFILE", "127.0.0.1:*:*:registry:let me in\n", "");
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.output, AllOf(HasSubstr("no password supplied"), Not(HasSubstr("let me in"))));
}

}  // namespace
}  // namespace orewatch::testing
