// What happens in the registry raises alerts, for those who may know of it.
#include "absl/time/clock.h"
#include "common/rpc/speak_for.h"
#include "orewatch/alerting/v1/alerting.grpc.pb.h"
#include "services/alerting/alerting_app.h"
#include "tests/integration/risk_pair.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::orewatch::testing::TestServer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr absl::Duration kPatience = absl::Seconds(20);

class RegistryHappeningsTest : public ::testing::Test {
 protected:
  RegistryHappeningsTest()
      : pair_(clock_),
        app_(*AlertingApp::Create({.data_dir = "", .default_rules_file = ""}, {clock_, metrics_})),
        server_({&app_->service()}, risk::BelievingCallers()),
        stub_(v1::Alerting::NewStub(server_.channel())) {
    pair_.Put(risk::PublicChain(), "anonymous");
    pair_.Put(risk::BobsChain(), "bob");
    app_->Start(pair_.risk().channel, pair_.registry_channel());
  }
  ~RegistryHappeningsTest() override { app_->Stop(); }

  void AddRule(const std::string& id, const std::string& happening) {
    grpc::ClientContext context;
    v1::CreateRuleRequest request;
    request.set_rule_id(id);
    *request.mutable_rule() =
        ParseProto<v1::Rule>(absl::StrCat("display_name: 'a rule' reason: 'a test' severity: "
                                          "SEVERITY_WARNING happening { ",
                                          happening, " }"));
    v1::Rule rule;
    ASSERT_THAT(rpc::FromGrpc(stub_->CreateRule(&context, request, &rule)), IsOk());
  }
  std::vector<std::string> FiringFor(const std::string& principal) {
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    v1::ListAlertsRequest request;
    request.set_state(v1::ALERT_STATE_FIRING);
    v1::ListAlertsResponse response;
    EXPECT_THAT(rpc::FromGrpc(stub_->ListAlerts(&context, request, &response)), IsOk());
    std::vector<std::string> subjects;
    for (const v1::Alert& alert : response.alerts()) {
      subjects.push_back(alert.subject().subject());
    }
    return subjects;
  }
  // As soon as so many fire; else what fires in the end.
  std::vector<std::string> AwaitFiring(size_t count, const std::string& principal) {
    const absl::Time deadline = absl::Now() + kPatience;
    std::vector<std::string> subjects = FiringFor(principal);
    while (subjects.size() != count && absl::Now() < deadline) {
      absl::SleepFor(absl::Milliseconds(5));
      subjects = FiringFor(principal);
    }
    return subjects;
  }
  void SetStatus(const std::string& facility, const std::string& status, const std::string& principal) {
    pair_.Put({risk::Named("facility", facility, absl::StrCat("country: 'countries/AU' status: STATUS_", status))},
              principal);
  }

  SystemClock clock_;
  risk::Pair pair_;
  prometheus::Registry metrics_;
  const std::unique_ptr<AlertingApp> app_;
  TestServer server_;
  const std::unique_ptr<v1::Alerting::Stub> stub_;
};

constexpr char kMine[] = "suppliers/a/facilities/mine";
constexpr char kBobsPlant[] = "suppliers/bobs/facilities/plant";

TEST_F(RegistryHappeningsTest, AFacilityThatClosesIsToldToThoseWhoMayReadIt) {
  AddRule("closed", "states: STATE_FACILITY_CLOSED");
  SetStatus(kBobsPlant, "CLOSED", "bob");
  EXPECT_THAT(AwaitFiring(1, "bob"), ElementsAre(kBobsPlant));
  EXPECT_THAT(FiringFor("carol"), ElementsAre(kBobsPlant));
  EXPECT_THAT(FiringFor("alice"), IsEmpty());
  SetStatus(kMine, "CLOSED", "anonymous");
  EXPECT_THAT(AwaitFiring(1, "alice"), ElementsAre(kMine));
  EXPECT_THAT(FiringFor("bob"), UnorderedElementsAre(kMine, kBobsPlant));
  SetStatus(kMine, "OPERATING", "anonymous");
  EXPECT_THAT(AwaitFiring(0, "alice"), IsEmpty());
  EXPECT_THAT(FiringFor("bob"), ElementsAre(kBobsPlant));
}

TEST_F(RegistryHappeningsTest, OtherOwnersAreToldForAsLongAsTheRuleHoldsThem) {
  AddRule("owners", "states: STATE_OWNER_CHANGED hold { seconds: 86400 } concerns: 'countries/AU'");
  const auto owned_by = [&](const std::string& owner) {
    pair_.Put({risk::Named("facility", kMine,
                           absl::StrCat("country: 'countries/AU' owners { supplier: 'suppliers/", owner, "' }"))},
              "anonymous");
  };
  // Only what changes after everything has been loaded is seen as a change.
  const absl::Time deadline = absl::Now() + kPatience;
  while (FiringFor("anonymous").empty() && absl::Now() < deadline) {
    owned_by("b");
    owned_by("c");
  }
  EXPECT_THAT(FiringFor("anonymous"), ElementsAre(kMine));
}

TEST_F(RegistryHappeningsTest, ADeletedThingIsInNoState) {
  AddRule("measures", "states: STATE_MEASURE_IN_FORCE concerns: 'minerals/cobalt'");
  pair_.Put(
      {risk::Named("measure", "measures/m",
                   "imposer: 'countries/CD' kind: KIND_QUOTA mineral: 'minerals/cobalt' effective { year: 2025 }")},
      "anonymous");
  EXPECT_THAT(AwaitFiring(1, "anonymous"), ElementsAre("measures/m"));
  registry::v1::ApplyChangesRequest request;
  request.add_mutations()->set_operation(registry::v1::Mutation::OPERATION_DELETE);
  request.mutable_mutations(0)->set_name("measures/m");
  ASSERT_THAT(pair_.Apply(request, "anonymous"), IsOk());
  EXPECT_THAT(AwaitFiring(0, "anonymous"), IsEmpty());
}

}  // namespace
}  // namespace orewatch::alerting
