// The gateway between real services, each of which is in turn refused, hung, slow, or answering garbage: every answer
// comes within its deadline, the right sections are marked, and what works goes on.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/rpc/speak_for.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "tests/testing/clients.h"
#include "tests/testing/service_process.h"
#include "tests/testing/tcp_proxy.h"

namespace orewatch::testing {
namespace {

using Fault = TcpProxy::Fault;
using gateway::v1::Overview;
using gateway::v1::SectionStatus;
using gateway::v1::SupplierBrief;
using ::testing::AnyOf;

constexpr absl::Duration kDeadline = absl::Seconds(1);
// What a busy machine may take beyond it.
constexpr absl::Duration kGrace = absl::Milliseconds(500);

int PortOf(const ServiceProcess& process) {
  const std::string address = process.address();
  return std::stoi(address.substr(address.rfind(':') + 1));
}

class GatewayFaultsTest : public ::testing::Test {
 protected:
  GatewayFaultsTest() {
    for (const auto& [name, proxy] : proxies()) {
      EXPECT_NE(proxy->port(), 0) << name;
    }
    RegistryStub registry(registry_.channel());
    ImportAll(registry, {CountryEntry("CL"),
                         R"pb(mineral {
                                name: "minerals/lithium"
                                critical_lists: "US_2025"
                                provenance { source: "a test" }
                              })pb",
                         ProductionEntry("lithium", "CL", 5),
                         R"pb(supplier {
                                name: "suppliers/open"
                                display_name: "Openly known"
                                country: "countries/CL"
                                provenance { source: "a test" }
                              })pb"});
    ImportAllAs("alice", {R"pb(supplier {
                                 name: "suppliers/secret"
                                 display_name: "Secretive lithium"
                                 country: "countries/CL"
                                 visibility { owner: "alice" }
                                 provenance { source: "a test" }
                               })pb"});
    AwaitFresh();
  }

  std::map<std::string, TcpProxy*> proxies() {
    return {{"registry", &registry_proxy_}, {"risk", &risk_proxy_}, {"alerting", &alerting_proxy_}};
  }

  void ImportAllAs(const std::string& principal, const std::vector<std::string>& entries) {
    RegistryStub registry(registry_.channel());
    registry::v1::ApplyChangesRequest request;
    for (const std::string& entry : entries) {
      auto& mutation = *request.add_mutations();
      mutation.set_operation(registry::v1::Mutation::OPERATION_CREATE);
      *mutation.mutable_entry() = ParseProto<registry::v1::Entry>(entry);
    }
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    LimitCall(context);
    registry::v1::ApplyChangesResponse response;
    EXPECT_THAT(rpc::FromGrpc(registry.ApplyChanges(&context, request, &response)), IsOk());
  }

  absl::StatusOr<Overview> GetOverview(const std::string& principal) {
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    LimitCall(context, kDeadline);
    Overview overview;
    const absl::Status status = rpc::FromGrpc(stub_.GetOverview(&context, {}, &overview));
    return status.ok() ? absl::StatusOr<Overview>(overview) : status;
  }

  // Within the deadline, come what may.
  absl::StatusOr<SupplierBrief> Brief(const std::string& supplier, const std::string& principal) {
    gateway::v1::GetSupplierBriefRequest request;
    request.set_name(supplier);
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    LimitCall(context, kDeadline);
    SupplierBrief brief;
    const absl::Time asked = absl::Now();
    const absl::Status status = rpc::FromGrpc(stub_.GetSupplierBrief(&context, request, &brief));
    EXPECT_LT(absl::Now() - asked, kDeadline + kGrace);
    return status.ok() ? absl::StatusOr<SupplierBrief>(brief) : status;
  }

  static std::map<std::string, const SectionStatus*> AllOf(const SupplierBrief& brief) {
    const auto& sections = brief.sections();
    return {{"profile", &sections.profile()}, {"facilities", &sections.facilities()},
            {"score", &sections.score()},     {"exposure", &sections.exposure()},
            {"alerts", &sections.alerts()},   {"changes", &sections.changes()}};
  }
  static std::map<std::string, const SectionStatus*> AllOf(const Overview& overview) {
    return {{"registry", &overview.registry()}, {"risk", &overview.risk()}, {"alerting", &overview.alerting()}};
  }
  // Names of the sections of an answer that are not fresh.
  template <typename Answer>
  static std::vector<std::string> Marked(const Answer& answer) {
    std::vector<std::string> marked;
    for (const auto& [name, section] : AllOf(answer)) {
      if (section->state() != SectionStatus::STATE_FRESH) {
        marked.push_back(name);
      }
    }
    return marked;
  }
  static std::vector<std::string> SectionsOf(const std::string& service) {
    if (service == "registry") {
      return {"changes", "facilities", "profile"};
    }
    return service == "risk" ? std::vector<std::string>{"exposure", "score"} : std::vector<std::string>{"alerts"};
  }

  void AwaitFresh() {
    Eventually("a brief and an overview of which every section is fresh", [&] {
      const auto brief = Brief("suppliers/open", "bob");
      const auto overview = GetOverview("bob");
      return brief.ok() && Marked(*brief).empty() && overview.ok() && Marked(*overview).empty();
    });
  }

  // Of each that is marked.
  template <typename Answer>
  static void ExpectMarked(const absl::StatusOr<Answer>& answer, const std::vector<std::string>& expected,
                           SectionStatus::State state) {
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(Marked(*answer), expected);
    for (const auto& [name, section] : AllOf(*answer)) {
      if (section->state() != SectionStatus::STATE_FRESH) {
        EXPECT_EQ(section->state(), state) << name;
        EXPECT_THAT(section->reason(), AnyOf("CIRCUIT_OPEN", "NEIGHBOUR_UNREACHABLE", "NEIGHBOUR_TOO_SLOW",
                                             "NEIGHBOUR_FAILED", "TOO_LITTLE_TIME"))
            << name;
        EXPECT_FALSE(absl::StrContains(section->error(), "127.0.0.1")) << section->error();
      }
    }
  }
  // What those are told who have a copy, and somebody who has none.
  void ExpectToldApart(const std::string& service, const std::string& stranger) {
    ExpectMarked(Brief("suppliers/open", "bob"), SectionsOf(service), SectionStatus::STATE_STALE);
    ExpectMarked(GetOverview("bob"), {service}, SectionStatus::STATE_STALE);
    ExpectMarked(Brief("suppliers/open", stranger), SectionsOf(service), SectionStatus::STATE_UNAVAILABLE);
    ExpectMarked(GetOverview(stranger), {service}, SectionStatus::STATE_UNAVAILABLE);
  }
  double Metric(const std::string& series) {
    const std::string page = gateway_.AdminPage("/metrics").value_or("");
    const size_t at = page.find(absl::StrCat("\n", series, " "));
    return at == std::string::npos ? -1 : std::stod(page.substr(at + series.size() + 2));
  }
  double BreakerState(const std::string& service) {
    return Metric(absl::StrCat("orewatch_gateway_breaker_state{backend=\"", service, "\"}"));
  }

  // Asks until the service's breaker opens: from then on nobody waits for it.
  void ExpectMarkedUntilTheBreakerOpens(const std::string& service) {
    Eventually(absl::StrCat("the breaker of ", service, " opens"), [&] {
      const auto brief = Brief("suppliers/open", "bob");
      EXPECT_THAT(brief, IsOk());
      if (brief.ok()) {
        const auto marked = Marked(*brief);
        const auto expected = SectionsOf(service);
        // Until the fault has been noticed, what is remembered is fresh.
        EXPECT_TRUE(std::includes(expected.begin(), expected.end(), marked.begin(), marked.end()))
            << absl::StrJoin(marked, " ");
      }
      return BreakerState(service) == 2;
    });
  }

  TempDir dir_;
  ServiceProcess registry_{
      "orewatch-registry", dir_ / "registry.log", {absl::StrCat("--data_dir=", dir_ / "registry")}};
  ServiceProcess risk_{"orewatch-risk", dir_ / "risk.log", {absl::StrCat("--registry_address=", registry_.address())}};
  ServiceProcess alerting_{
      "orewatch-alerting",
      dir_ / "alerting.log",
      {absl::StrCat("--data_dir=", dir_ / "alerting"), absl::StrCat("--registry_address=", registry_.address()),
       absl::StrCat("--risk_address=", risk_.address())}};
  TcpProxy registry_proxy_{PortOf(registry_)};
  TcpProxy risk_proxy_{PortOf(risk_)};
  TcpProxy alerting_proxy_{PortOf(alerting_)};
  ServiceProcess gateway_{"orewatch-gateway",
                          dir_ / "gateway.log",
                          {absl::StrCat("--registry_address=", registry_proxy_.address()),
                           absl::StrCat("--risk_address=", risk_proxy_.address()),
                           absl::StrCat("--alerting_address=", alerting_proxy_.address())}};
  GatewayStub stub_{gateway_.channel()};
};

TEST_F(GatewayFaultsTest, EachServiceMayFailInEachWayAndTheOthersGoOn) {
  for (const auto& [service, proxy] : proxies()) {
    for (const Fault fault : {Fault::kRefuse, Fault::kHang, Fault::kDelay, Fault::kGarbage, Fault::kCut}) {
      SCOPED_TRACE(absl::StrCat(service, ", fault ", static_cast<int>(fault)));
      proxy->Set(fault, absl::Seconds(5));
      ExpectMarkedUntilTheBreakerOpens(service);
      ExpectToldApart(service, absl::StrCat("stranger-", service, "-", static_cast<int>(fault)));
      for (const auto& [other, unused] : proxies()) {
        EXPECT_EQ(BreakerState(other) == 0, other != service) << other;
      }
      proxy->Set(Fault::kNone);
      AwaitFresh();
      EXPECT_EQ(BreakerState(service), 0) << "it closes when the service is back";
    }
  }
}

TEST_F(GatewayFaultsTest, WhatIsToldWhileAServiceIsAwayIsMarkedAndTheCallersOwn) {
  const auto of_alice = Brief("suppliers/secret", "alice");
  ASSERT_THAT(of_alice, IsOk());
  EXPECT_EQ(of_alice->supplier().display_name(), "Secretive lithium");
  EXPECT_THAT(Brief("suppliers/secret", "bob"), HasCode(absl::StatusCode::kNotFound));
  registry_proxy_.Set(Fault::kRefuse);
  Eventually("alice is told what she was told before", [&] {
    const auto stale = Brief("suppliers/secret", "alice");
    return stale.ok() && stale->sections().profile().state() == SectionStatus::STATE_STALE &&
           stale->supplier().display_name() == "Secretive lithium" && stale->sections().profile().has_as_of_time();
  });
  const auto of_bob = Brief("suppliers/secret", "bob");
  EXPECT_FALSE(absl::StrContains(of_bob.ok() ? of_bob->DebugString() : of_bob.status().ToString(), "Secretive"));
}

TEST_F(GatewayFaultsTest, ASearchShowsNobodyWhatIsAnothers) {
  gateway::v1::SearchRequest request;
  request.set_query("lithium");
  for (const auto& [principal, expected] : std::map<std::string, bool>{{"alice", true}, {"bob", false}}) {
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    LimitCall(context);
    gateway::v1::SearchResponse response;
    ASSERT_THAT(rpc::FromGrpc(stub_.Search(&context, request, &response)), IsOk());
    EXPECT_EQ(absl::StrContains(response.DebugString(), "suppliers/secret"), expected) << principal;
    EXPECT_TRUE(absl::StrContains(response.DebugString(), "minerals/lithium"));
  }
}

// What a feed tells, until it has told of a name.
class FeedReader {
 public:
  FeedReader(GatewayStub& stub, const std::string& principal, const std::string& after) {
    context_.AddMetadata(rpc::kPrincipalHeader, principal);
    LimitCall(context_, absl::Seconds(60));
    gateway::v1::WatchFeedRequest request;
    request.set_token(after);
    request.add_kinds(gateway::v1::FEED_KIND_CHANGES);
    reader_ = stub.WatchFeed(&context_, request);
  }
  ~FeedReader() {
    context_.TryCancel();
    reader_->Finish();
  }
  // False if the stream ends before.
  bool ReadUntil(const std::string& text) {
    gateway::v1::WatchFeedResponse message;
    while (reader_->Read(&message)) {
      token = message.token();
      told += message.DebugString();
      if (absl::StrContains(message.DebugString(), text)) {
        return true;
      }
    }
    return false;
  }

  std::string token;
  std::string told;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<gateway::v1::WatchFeedResponse>> reader_;
};

TEST_F(GatewayFaultsTest, AFeedGoesOnWithoutAGapThroughAnOutageAndFromItsToken) {
  RegistryStub registry(registry_.channel());
  std::string token;
  {
    FeedReader bob(stub_, "bob", "");
    ASSERT_TRUE(bob.ReadUntil("STATE_FRESH"));
    ImportAll(registry, {MineralEntry("one")});
    ASSERT_TRUE(bob.ReadUntil("minerals/one"));
    registry_proxy_.Set(Fault::kRefuse);
    ASSERT_TRUE(bob.ReadUntil("STATE_UNAVAILABLE"));
    ImportAll(registry, {MineralEntry("two")});
    ImportAllAs("alice", {R"pb(supplier {
                                 name: "suppliers/hidden"
                                 country: "countries/CL"
                                 visibility { owner: "alice" }
                                 provenance { source: "a test" }
                               })pb"});
    registry_proxy_.Set(Fault::kNone);
    ASSERT_TRUE(bob.ReadUntil("minerals/two")) << "what happened meanwhile";
    token = bob.token;
    EXPECT_FALSE(absl::StrContains(bob.told, "hidden"));
  }
  ImportAll(registry, {MineralEntry("three")});
  FeedReader again(stub_, "bob", token);
  ASSERT_TRUE(again.ReadUntil("minerals/three"));
  EXPECT_FALSE(absl::StrContains(again.told, "minerals/two")) << "nothing comes twice";
  EXPECT_FALSE(absl::StrContains(again.told, "hidden"));
}

}  // namespace
}  // namespace orewatch::testing
