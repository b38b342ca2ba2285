// A PostgreSQL that is away, when a service starts and while it serves: what its probes and its callers are told.
#include <csignal>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/http/client.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "tests/testing/child_process.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/service_process.h"

namespace orewatch::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::unique_ptr<PostgresServer> StartPostgres() {
  auto server = PostgresServer::Start();
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

// A service whose start the test does not wait for.
class StartingService {
 public:
  StartingService(const std::string& binary, const std::string& log_file, const std::string& database)
      : process_(*ChildProcess::Start(
            {.program = binary,
             .arguments = {absl::StrCat("--database=", database), absl::StrCat("--address=127.0.0.1:", FreePort()),
                           absl::StrCat("--admin_address=127.0.0.1:", admin_port_)},
             .log_file = log_file})) {}

  // Status and body; zero while nobody listens.
  http::Response Page(const std::string& path) const {
    http::Request request;
    request.url = absl::StrCat("http://127.0.0.1:", admin_port_, path);
    request.timeout = absl::Seconds(5);
    return http::NewClient()->Send(request).value_or(http::Response());
  }
  bool AnswersWith(const std::string& path, int status) const { return Page(path).status == status; }
  ChildProcess& process() { return process_; }

 private:
  const int admin_port_ = FreePort();
  ChildProcess process_;
};

bool IsServing(const ServiceProcess& service) {
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckResponse response;
  const auto channel = grpc::CreateChannel(service.address(), grpc::InsecureChannelCredentials());
  const auto asked = grpc::health::v1::Health::NewStub(channel)->Check(&context, {}, &response);
  return asked.ok() && response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
}

class DatabaseOutageTest : public ::testing::TestWithParam<std::string> {
 protected:
  std::string binary() const { return absl::StrCat("orewatch-", GetParam()); }
  std::string Address() { return postgres_->TcpAddress(database_, postgres_->port()); }

  TempDir dir_;
  std::unique_ptr<PostgresServer> postgres_ = StartPostgres();
  const std::string database_ = postgres_->CreateDatabase();
};
INSTANTIATE_TEST_SUITE_P(Services, DatabaseOutageTest, ::testing::Values("registry", "alerting"),
                         [](const auto& service) { return service.param; });

TEST_P(DatabaseOutageTest, AServiceThatStartsWithoutItWaitsAndThenServes) {
  postgres_->Kill();
  StartingService service(binary(), dir_ / "log", Address());
  ASSERT_TRUE(Eventually("a page that says that it waits",
                         [&] { return absl::StrContains(service.Page("/metrics").body, "orewatch_db_awaited 1"); }));
  EXPECT_EQ(service.Page("/livez").status, 200) << "a restart would not bring the database back";
  EXPECT_EQ(service.Page("/readyz").status, 503);
  EXPECT_EQ(service.Page("/readyz").body, "not ok: starting\n");
  ASSERT_TRUE(postgres_->StartAgain().ok());
  EXPECT_TRUE(Eventually("readiness", [&] { return service.AnswersWith("/readyz", 200); }));
  EXPECT_THAT(service.Page("/metrics").body, HasSubstr("orewatch_db_awaited 0"));
  service.process().Signal(SIGTERM);
  EXPECT_EQ(service.process().Wait(kPatience), 0);
}

TEST_P(DatabaseOutageTest, OneThatWaitsEndsWhenItIsTold) {
  postgres_->Kill();
  StartingService service(binary(), dir_ / "log", Address());
  ASSERT_TRUE(Eventually("an admin port", [&] { return service.AnswersWith("/livez", 200); }));
  service.process().Signal(SIGTERM);
  EXPECT_EQ(service.process().Wait(kPatience), 0);
}

TEST_P(DatabaseOutageTest, WhatWaitingDoesNotMendEndsItAtOnce) {
  const std::string elsewhere = postgres_->TcpAddress("no_such_database", postgres_->port());
  const std::string nobody = absl::StrCat("postgres://no_such_role@127.0.0.1:", postgres_->port(), "/", database_);
  for (const std::string& database : {elsewhere, nobody}) {
    const Finished ended =
        RunToEnd({.program = binary(),
                  .arguments = {absl::StrCat("--database=", database), absl::StrCat("--address=127.0.0.1:", FreePort()),
                                absl::StrCat("--admin_address=127.0.0.1:", FreePort())}});
    EXPECT_EQ(ended.code, 1) << database;
    EXPECT_THAT(ended.output, AllOf(HasSubstr("error: the database: "), HasSubstr("does not exist"))) << database;
  }
}

TEST_P(DatabaseOutageTest, OneThatServesIsNotReadyOnceItHasBeenAwayForLong) {
  ServiceProcess service(binary(), dir_ / "log", {absl::StrCat("--database=", Address()), "--database_patience=3s"});
  EXPECT_TRUE(IsServing(service));
  const absl::Time killed = absl::Now();
  postgres_->Kill();
  EXPECT_TRUE(Eventually("an end of readiness", [&] { return !service.AdminPage("/readyz").has_value(); }));
  EXPECT_GT(absl::Now() - killed, absl::Milliseconds(1500)) << "a fail-over is shorter than that and nobody's business";
  EXPECT_TRUE(Eventually("the same of the health service", [&] { return !IsServing(service); }));
  EXPECT_TRUE(service.AdminPage("/livez").has_value());
  ASSERT_TRUE(postgres_->StartAgain().ok());
  service.AwaitReady();
  EXPECT_TRUE(Eventually("the same of the health service", [&] { return IsServing(service); }));
}

}  // namespace
}  // namespace orewatch::testing
