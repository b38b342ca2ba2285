// What an operator relies upon: metrics that tools read, and a stop signal that is obeyed, also by the first process of
// a container.
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

using ::testing::HasSubstr;

constexpr int kCodes = 17;

// Series of a counter by method in a page of metrics. The gateway has asked for some before anybody looks.
int SeriesOf(const std::string& page, const std::string& service, const std::string& method) {
  int count = 0;
  for (const absl::string_view line : absl::StrSplit(page, '\n')) {
    count += absl::StartsWith(line, "grpc_server_handled_total{") &&
             absl::StrContains(line, absl::StrCat("grpc_method=\"", method, "\"")) &&
             absl::StrContains(line, absl::StrCat("grpc_service=\"", service, "\""));
  }
  return count;
}

void ExpectValidMetrics(const ServiceProcess& process, const google::protobuf::ServiceDescriptor& service) {
  const std::string page = process.AdminPage("/metrics").value_or("");
  const TempDir dir;
  std::ofstream(dir / "metrics") << page;
  const Finished check =
      RunToEnd({.program = "/bin/sh", .arguments = {"-c", absl::StrCat("promtool check metrics < ", dir / "metrics")}});
  EXPECT_EQ(check.code, 0) << check.output;
  for (int i = 0; i < service.method_count(); ++i) {
    EXPECT_EQ(SeriesOf(page, service.full_name(), service.method(i)->name()), kCodes) << service.method(i)->name();
  }
  for (const char* family : {"orewatch_build_info{", "process_resident_memory_bytes ", "process_open_fds "}) {
    EXPECT_THAT(page, HasSubstr(family));
  }
}

template <typename Message>
const google::protobuf::ServiceDescriptor& ServiceOf() {
  return *Message::descriptor()->file()->service(0);
}

TEST(OperationsTest, EachServiceExposesValidMetricsWithEveryMethodAndCodeFromTheStart) {
  SeparateServices services;
  ExpectValidMetrics(services.risk(), ServiceOf<risk::v1::GetScoreRequest>());
  ExpectValidMetrics(services.alerting(), ServiceOf<alerting::v1::GetRuleRequest>());
  ExpectValidMetrics(services.gateway(), ServiceOf<gateway::v1::GetOverviewRequest>());
  // The registry has been called by the others: its own methods that nobody uses yet stand at 0.
  const std::string page = services.registry().AdminPage("/metrics").value_or("");
  EXPECT_EQ(SeriesOf(page, "orewatch.registry.v1.Registry", "CreateMineral"), kCodes);
}

TEST(OperationsTest, ACancelledWatchAndOnePastItsDeadlineAreCountedAsSuch) {
  EmbeddedSuite suite;
  grpc::ClientContext late;
  LimitCall(late, absl::Milliseconds(50));
  registry::v1::ChangeSet set;
  const auto past = suite.registry.Watch(&late, {});
  while (past->Read(&set)) {
  }
  EXPECT_EQ(past->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  grpc::ClientContext context;
  const auto cancelled = suite.registry.Watch(&context, {});
  ASSERT_TRUE(cancelled->Read(&set));
  context.TryCancel();
  EXPECT_EQ(cancelled->Finish().error_code(), grpc::StatusCode::CANCELLED);
  for (const char* code : {"DeadlineExceeded", "Canceled"}) {
    const std::string series = absl::StrCat("grpc_code=\"", code, "\",grpc_method=\"Watch\",grpc_service=\"",
                                            "orewatch.registry.v1.Registry\",grpc_type=\"server_stream\"} 1\n");
    Eventually(series, [&] { return absl::StrContains(suite.process().AdminPage("/metrics").value_or(""), series); });
  }
}

TEST(OperationsTest, TheAdminPagesShowSettingsAndCallsInFlight) {
  EmbeddedSuite suite;
  grpc::ClientContext context;
  context.AddMetadata("x-orewatch-principal", "ann");
  LimitCall(context, absl::Minutes(5));
  const auto watch = suite.registry.Watch(&context, {});
  registry::v1::ChangeSet set;
  ASSERT_TRUE(watch->Read(&set));
  const std::string in_flight = suite.process().AdminPage("/inflight").value_or("");
  for (const char* part :
       {"\"calls\": ", "orewatch.registry.v1.Registry/Watch", "\"principal\": \"ann\"", "\"left_ms\": 29"}) {
    EXPECT_THAT(in_flight, HasSubstr(part));
  }
  context.TryCancel();
  const std::string settings = suite.process().AdminPage("/config").value_or("");
  for (const char* part : {"\"binary\": \"orewatch\"", "\"config_hash\": ", "\"name\": \"max_in_flight\"",
                           "\"from\": \"default\"", "\"name\": \"default_rules\"", "\"from\": \"flag\""}) {
    EXPECT_THAT(settings, HasSubstr(part));
  }
  EXPECT_THAT(suite.process().AdminPage("/loglevel").value_or(""), "info\n");
}

TEST(OperationsTest, TheFirstProcessOfAContainerObeysTheStopSignal) {
  const TempDir dir;
  auto child = ChildProcess::Start(
      {.program = "orewatch-registry",
       .arguments = {absl::StrCat("--data_dir=", dir / "data"), "--address=127.0.0.1:0", "--admin_address=127.0.0.1:0"},
       .log_file = dir / "log",
       .as_pid_1 = true});
  if (absl::IsPermissionDenied(child.status())) {
    GTEST_SKIP() << "skipped: this user may make no PID namespace";
  }
  ASSERT_TRUE(child.ok()) << child.status();
  const auto log_says = [&](const char* text) {
    std::ifstream log(dir / "log");
    const std::string lines{std::istreambuf_iterator<char>(log), std::istreambuf_iterator<char>()};
    return absl::StrContains(lines, text);
  };
  ASSERT_TRUE(Eventually("the start", [&] { return log_says("\"serving\""); }));
  child->Signal(SIGTERM);
  EXPECT_EQ(child->Wait(absl::Seconds(10)), 0);
  EXPECT_TRUE(log_says("\"stopped\""));
}

TEST(OperationsTest, AnImporterThatIsNoneStopsTheStartOfWhoeverHostsTheGateway) {
  for (const char* program : {"orewatch", "orewatch-gateway"}) {
    const Finished run = RunToEnd(
        {.program = program, .arguments = {"--importer=Q", "--address=127.0.0.1:0", "--admin_address=127.0.0.1:0"}});
    EXPECT_EQ(run.code, 2) << program;
    EXPECT_THAT(run.output, HasSubstr("--importer: must be countries/{country} or blocs/{bloc}")) << program;
  }
}

TEST(OperationsTest, ABadFlagStopsTheStartWithOneLineThatNamesIt) {
  for (const char* flag : {"--max_in_flight=0",
                           "--max_streams=-1",
                           "--max_connections=0",
                           "--blocking_threads=1000000",
                           "--blocking_threads=0",
                           "--drain_timeout=-5s",
                           "--drain_timeout=inf",
                           "--drain_settle=-1ms",
                           "--address=nowhere",
                           "--address=127.0.0.1:99999",
                           "--admin_address=127.0.0.1:99999",
                           "--registry_address=127.0.0.1:0",
                           "--registry_address=nonsense",
                           "--log_level=loud",
                           "--queue_target=-1s",
                           "--min_deadline=-1ms",
                           "--rate_limit_burst=0.5",
                           "--rate_limit_cost_per_second=nan",
                           "--audit_refusals=101",
                           "--audit_anchor_interval=1ms",
                           "--audit_log_max_bytes=1"}) {
    const Finished run = RunToEnd({.program = "orewatch-risk", .arguments = {"--admin_address=127.0.0.1:0", flag}});
    EXPECT_EQ(run.code, 2) << flag;
    EXPECT_THAT(run.output, ::testing::StartsWith("error: "));
    EXPECT_THAT(run.output, HasSubstr(std::string(flag, std::string(flag).find('='))));
    EXPECT_EQ(std::count(run.output.begin(), run.output.end(), '\n'), 1) << run.output;
  }
}

// absl's own parser speaks of these, in its own words.
TEST(OperationsTest, AFlagThatIsNoneOrHasNoSuchValueStopsTheStart) {
  for (const char* flag : {"--drain_timeout=soon", "--max_in_flight=many", "--no_such_flag"}) {
    const Finished run = RunToEnd({.program = "orewatch-risk", .arguments = {flag}});
    EXPECT_THAT(run.code, ::testing::AnyOf(1, 2)) << flag;
    const absl::string_view name = absl::StripPrefix(flag, "--");
    EXPECT_THAT(run.output, HasSubstr(std::string(name.substr(0, name.find('=')))));
  }
}

TEST(OperationsTest, AnAddressThatCannotBeHadIsOneLine) {
  const Finished run =
      RunToEnd({.program = "orewatch-risk",
                .arguments = {"--address=192.0.2.1:7102", "--allow_unprotected", "--admin_address=127.0.0.1:0"}});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.output, HasSubstr("error: cannot listen on 192.0.2.1:7102"));
  EXPECT_EQ(std::count(run.output.begin(), run.output.end(), '\n'), 1) << run.output;
}

TEST(OperationsTest, HelpListsTheFlagsOfTheKitAndOfTheBinaryAndNoOthers) {
  for (const auto& [binary, flag] : {std::pair("orewatch", "--data_dir"),
                                     {"orewatch-registry", "--data_dir"},
                                     {"orewatch-risk", "--importers"},
                                     {"orewatch-alerting", "--default_rules"},
                                     {"orewatch-gateway", "--critical_list"}}) {
    const Finished help = RunToEnd({.program = binary, .arguments = {"--help"}});
    for (const char* known : {flag, "--address", "--admin_address", "--config", "--drain_timeout", "--log_level"}) {
      EXPECT_THAT(help.output, HasSubstr(known)) << binary;
    }
    EXPECT_THAT(help.output, ::testing::Not(HasSubstr("--flagfile"))) << binary;
  }
}

}  // namespace
}  // namespace orewatch::testing
