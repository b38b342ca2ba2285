// One request, followed through the services that it leads to by what their logs, their audit logs and their errors
// say.
#include <fstream>
#include <set>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kSpan[] = "b7ad6b7169203331";

class TraceTest : public ::testing::Test {
 protected:
  TraceTest()
      : registry_("orewatch-registry", LogOf("registry"),
                  Flags({absl::StrCat("--data_dir=", dir_ / "registry"), absl::StrCat("--audit_log=", audit_log_)})),
        risk_("orewatch-risk", LogOf("risk"), Flags({absl::StrCat("--registry_address=", registry_.address())})),
        alerting_("orewatch-alerting", LogOf("alerting"),
                  Flags({absl::StrCat("--data_dir=", dir_ / "alerting"),
                         absl::StrCat("--registry_address=", registry_.address()),
                         absl::StrCat("--risk_address=", risk_.address())})),
        gateway_("orewatch-gateway", LogOf("gateway"),
                 Flags({absl::StrCat("--registry_address=", registry_.address()),
                        absl::StrCat("--risk_address=", risk_.address()),
                        absl::StrCat("--alerting_address=", alerting_.address())})) {}

  static std::vector<std::string> Flags(std::vector<std::string> own) {
    own.emplace_back("--log_calls=all");
    return own;
  }
  std::string LogOf(const std::string& service) const { return dir_ / absl::StrCat(service, ".log"); }
  // A call that is part of the trace.
  template <typename Stub, typename Request, typename Response>
  absl::Status Ask(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request) {
    grpc::ClientContext context;
    LimitCall(context);
    context.AddMetadata("traceparent", absl::StrCat("00-", kTrace, "-", kSpan, "-01"));
    Response response;
    return rpc::FromGrpc((stub.*method)(&context, request, &response));
  }
  // The lines of a log that name the trace and this.
  std::vector<std::string> Lines(const std::string& service, const std::string& what) const {
    std::ifstream log(LogOf(service));
    std::vector<std::string> lines;
    for (std::string line; std::getline(log, line);) {
      if (line.find(absl::StrCat("\"trace_id\":\"", kTrace, "\"")) != std::string::npos &&
          line.find(what) != std::string::npos) {
        lines.push_back(line);
      }
    }
    return lines;
  }
  void CreateCobalt(RegistryStub& stub) {
    registry::v1::CreateMineralRequest request;
    request.set_mineral_id("cobalt");
    request.mutable_mineral()->mutable_provenance()->set_source("a test");
    ASSERT_TRUE(Ask(stub, &RegistryStub::CreateMineral, request).ok());
  }

  TempDir dir_;
  const std::string audit_log_ = dir_ / "audit.log";
  ServiceProcess registry_;
  ServiceProcess risk_;
  ServiceProcess alerting_;
  ServiceProcess gateway_;
};

TEST_F(TraceTest, AQuestionOfTheGatewayIsOneTraceInAllServices) {
  GatewayStub gateway(gateway_.channel());
  ASSERT_TRUE(Ask(gateway, &GatewayStub::GetOverview, gateway::v1::GetOverviewRequest()).ok());
  // A call is accounted for when its answer has gone out.
  for (const char* service : {"gateway", "registry", "risk", "alerting"}) {
    Eventually(absl::StrCat("a line of ", service), [&] { return !Lines(service, "\"msg\":\"rpc\"").empty(); });
  }
  const std::string asked = Lines("gateway", "GetOverview").at(0);
  EXPECT_THAT(asked, AllOf(HasSubstr(absl::StrCat("\"parent_id\":\"", kSpan, "\"")), HasSubstr("\"code\":\"OK\"")));
  // Who asked is the gateway's span, not the caller's.
  const std::string span = asked.substr(asked.find("\"span_id\":\"") + 11, 16);
  for (const char* service : {"registry", "risk", "alerting"}) {
    EXPECT_THAT(Lines(service, "\"msg\":\"rpc\"").at(0), HasSubstr(absl::StrCat("\"parent_id\":\"", span, "\"")));
  }
}

TEST_F(TraceTest, TheStreamsBehindAFeedArePartOfItsCall) {
  {
    const auto stub = gateway::v1::Gateway::NewStub(gateway_.channel());
    grpc::ClientContext context;
    LimitCall(context);
    context.AddMetadata("traceparent", absl::StrCat("00-", kTrace, "-", kSpan, "-01"));
    const auto feed = stub->WatchFeed(&context, gateway::v1::WatchFeedRequest());
    gateway::v1::WatchFeedResponse message;
    std::set<int> fresh;
    // Each kind says that it has begun.
    while (fresh.size() < 3 && feed->Read(&message)) {
      if (message.status().status().state() == gateway::v1::SectionStatus::STATE_FRESH) {
        fresh.insert(message.status().kind());
      }
    }
    EXPECT_EQ(fresh.size(), 3U);
    context.TryCancel();
  }
  Eventually("the end of the feed", [&] { return !Lines("gateway", "WatchFeed").empty(); });
  const std::string asked = Lines("gateway", "WatchFeed").at(0);
  const std::string span = asked.substr(asked.find("\"span_id\":\"") + 11, 16);
  for (const auto& asked_of :
       {std::pair("registry", "Watch"), std::pair("risk", "WatchScores"), std::pair("alerting", "WatchAlerts")}) {
    const std::string service = asked_of.first;
    const std::string of_method = absl::StrCat("\"grpc_method\":\"", asked_of.second, "\"");
    Eventually(absl::StrCat("the end of ", asked_of.second), [&] { return !Lines(service, of_method).empty(); });
    EXPECT_THAT(Lines(service, of_method).at(0), HasSubstr(absl::StrCat("\"parent_id\":\"", span, "\"")));
  }
}

TEST_F(TraceTest, AChangeIsFoundInTheAuditLog) {
  RegistryStub registry(registry_.channel());
  CreateCobalt(registry);
  Eventually("the line", [&] { return !Lines("registry", "CreateMineral").empty(); });
  EXPECT_THAT(Lines("registry", "CreateMineral").at(0), HasSubstr("\"revision\":"));
  const Finished listed =
      RunToEnd({.program = "orewatchctl",
                .arguments = {"audit", "list", absl::StrCat("--audit_log=", audit_log_), "--method=CreateMineral"}});
  EXPECT_EQ(listed.code, 0) << listed.output;
  EXPECT_THAT(listed.output, AllOf(HasSubstr("minerals/cobalt"), HasSubstr(kTrace)));
}

TEST_F(TraceTest, AnErrorNamesTheTrace) {
  GatewayStub gateway(gateway_.channel());
  gateway::v1::GetMineralBriefRequest request;
  request.set_name("minerals/unobtainium");
  const absl::Status status = Ask(gateway, &GatewayStub::GetMineralBrief, request);
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(RequestIdOf(status), kTrace);
  const Finished got = RunToEnd(
      {.program = "orewatchctl", .arguments = {"--address", registry_.address(), "get", "minerals/unobtainium"}});
  EXPECT_NE(got.code, 0);
  EXPECT_THAT(got.output, HasSubstr("\n  trace "));
}

}  // namespace
}  // namespace orewatch::testing
