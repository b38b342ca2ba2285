// The gateway against real neighbours whose answers the test decides.
#include "services/gateway/api/gateway_service.h"

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/alerting/v1/alerting.grpc.pb.h"
#include "orewatch/gateway/v1/gateway.grpc.pb.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"

namespace orewatch::gateway {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::TestServer;
using v1::SectionStatus;

class FakeRegistry final : public registry::v1::Registry::Service {
 public:
  grpc::Status GetMineral(grpc::ServerContext*, const registry::v1::GetMineralRequest* request,
                          registry::v1::Mineral* response) override {
    if (request->name() != "minerals/cobalt") {
      return {grpc::StatusCode::NOT_FOUND, "no such mineral"};
    }
    asked_revision = request->min_revision();
    response->set_name(request->name());
    response->mutable_metadata()->mutable_revision()->set_number(3);
    return grpc::Status::OK;
  }
  // One mineral a page, so that the gateway has to turn pages.
  grpc::Status ListMinerals(grpc::ServerContext*, const registry::v1::ListMineralsRequest* request,
                            registry::v1::ListMineralsResponse* response) override {
    asked_revision = request->min_revision();
    const bool first = request->page_token().empty();
    auto* mineral = response->add_minerals();
    mineral->set_name(first ? "minerals/cobalt" : "minerals/gallium");
    mineral->add_critical_lists("US_2025");
    response->set_next_page_token(first || endless ? "next" : "");
    response->mutable_revision()->set_number(3);
    return grpc::Status::OK;
  }
  grpc::Status GetCountry(grpc::ServerContext*, const registry::v1::GetCountryRequest* request,
                          registry::v1::Country* response) override {
    response->set_name(request->name());
    return request->name() == "countries/JP" ? grpc::Status::OK
                                             : grpc::Status(grpc::StatusCode::NOT_FOUND, "no such country");
  }
  grpc::Status GetBloc(grpc::ServerContext*, const registry::v1::GetBlocRequest*, registry::v1::Bloc*) override {
    return {grpc::StatusCode::NOT_FOUND, "no such bloc"};
  }
  std::atomic<int64_t> asked_revision = 0;
  bool endless = false;
};

class FakeRisk final : public risk::v1::Risk::Service {
 public:
  grpc::Status ListScores(grpc::ServerContext*, const risk::v1::ListScoresRequest* request,
                          risk::v1::ListScoresResponse* response) override {
    if (hang != nullptr) {
      hang->WaitForNotification();
    }
    asked_revision = request->min_revision();
    auto* score = response->add_scores();
    *score->mutable_key() = request->filter();
    score->mutable_key()->set_subject("minerals/gallium");
    score->set_value(9789);
    score->set_bottleneck(true);
    response->mutable_revision()->set_number(3);
    return grpc::Status::OK;
  }
  absl::Notification* hang = nullptr;
  std::atomic<int64_t> asked_revision = 0;
};

class FakeAlerting final : public alerting::v1::Alerting::Service {
 public:
  grpc::Status ListAlerts(grpc::ServerContext*, const alerting::v1::ListAlertsRequest* request,
                          alerting::v1::ListAlertsResponse* response) override {
    asked_revision = request->min_revision();
    response->add_alerts()->set_name("alerts/one");
    return grpc::Status::OK;
  }
  std::atomic<int64_t> asked_revision = 0;
};

class GatewayServiceTest : public ::testing::Test {
 protected:
  GatewayServiceTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&registry_).RegisterService(&risk_).RegisterService(&alerting_);
    neighbours_server_ = builder.BuildAndStart();
    const auto live = neighbours_server_->InProcessChannel({});
    channels_ = {live, live, live};
  }
  ~GatewayServiceTest() override { neighbours_server_->Shutdown(); }

  // A neighbour that is not there: nothing listens on port 1.
  static std::shared_ptr<grpc::Channel> Dead() { return rpc::Connect("127.0.0.1:1"); }

  absl::StatusOr<v1::Overview> GetOverview(absl::Duration timeout = absl::Seconds(20),
                                           const v1::GetOverviewRequest& request = {}) {
    v1::Overview overview;
    return Call<v1::Overview>(
        timeout, [&](auto& stub, auto* context) { return stub.GetOverview(context, request, &overview); }, overview);
  }
  absl::StatusOr<v1::MineralBrief> GetBrief(const std::string& name, int64_t min_revision = 0) {
    v1::MineralBrief brief;
    return Call<v1::MineralBrief>(
        absl::Seconds(20),
        [&](auto& stub, auto* context) {
          v1::GetMineralBriefRequest request;
          request.set_name(name);
          request.set_min_revision(min_revision);
          return stub.GetMineralBrief(context, request, &brief);
        },
        brief);
  }

  template <typename Response, typename Method>
  absl::StatusOr<Response> Call(absl::Duration timeout, Method method, Response& response) {
    prometheus::Registry metrics;
    Neighbours neighbours;
    neighbours.Connect(channels_);
    GatewayService gateway({}, neighbours, clock_, metrics);
    TestServer server({&gateway.service()});
    const auto stub = v1::Gateway::NewStub(server.tcp_channel());
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    const absl::Status status = rpc::FromGrpc(method(*stub, &context));
    return status.ok() ? absl::StatusOr<Response>(response) : status;
  }

  SystemClock clock_;
  // Outlives the handlers that wait for it, which the destructor waits for.
  absl::Notification hang_;
  FakeRegistry registry_;
  FakeRisk risk_;
  FakeAlerting alerting_;
  std::unique_ptr<grpc::Server> neighbours_server_;
  Neighbours::Channels channels_;
};

TEST_F(GatewayServiceTest, PutsTogetherAllPagesOfAllNeighbours) {
  const auto overview = GetOverview();
  ASSERT_THAT(overview, IsOk());
  ASSERT_EQ(overview->minerals_size(), 2);
  EXPECT_EQ(overview->minerals(0).mineral().name(), "minerals/gallium");
  EXPECT_EQ(overview->minerals(0).supply_risk().key().importer(), "blocs/EU");
  EXPECT_EQ(overview->risk().state(), SectionStatus::STATE_FRESH);
  EXPECT_EQ(overview->firing_alerts_size(), 1);
}

TEST_F(GatewayServiceTest, ADeadNeighbourMakesAPartialAnswer) {
  channels_.alerting = Dead();
  const auto overview = GetOverview();
  ASSERT_THAT(overview, IsOk());
  EXPECT_EQ(overview->alerting().state(), SectionStatus::STATE_UNAVAILABLE);
  EXPECT_EQ(overview->registry().state(), SectionStatus::STATE_FRESH);
  EXPECT_EQ(overview->minerals_size(), 2);
}

TEST_F(GatewayServiceTest, ASlowNeighbourMakesAPartialAnswerWithinTheDeadline) {
  risk_.hang = &hang_;
  const auto overview = GetOverview(absl::Seconds(1));
  hang_.Notify();
  ASSERT_THAT(overview, IsOk());
  EXPECT_EQ(overview->risk().code(), static_cast<int>(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(overview->registry().state(), SectionStatus::STATE_FRESH);
}

TEST_F(GatewayServiceTest, AListWithoutAnEndIsCutOffAndSaysSo) {
  registry_.endless = true;
  const auto overview = GetOverview();
  ASSERT_THAT(overview, IsOk());
  EXPECT_EQ(overview->registry().state(), SectionStatus::STATE_INCOMPLETE);
  EXPECT_EQ(overview->minerals_size(), Neighbours::kMaxPages);
}

TEST_F(GatewayServiceTest, TakesImportersThatTheRegistryKnows) {
  v1::GetOverviewRequest request;
  request.set_importer("countries/JP");
  const auto overview = GetOverview(absl::Seconds(20), request);
  ASSERT_THAT(overview, IsOk());
  EXPECT_EQ(overview->minerals(0).supply_risk().key().importer(), "countries/JP");
  for (const auto* unknown : {"countries/QQ", "blocs/MOON"}) {
    request.set_importer(unknown);
    EXPECT_THAT(GetOverview(absl::Seconds(20), request), HasError(absl::StatusCode::kNotFound, "IMPORTER_NOT_FOUND"));
  }
  for (const auto* malformed : {"nonsense", "countries/", "minerals/cobalt"}) {
    request.set_importer(malformed);
    EXPECT_THAT(GetOverview(absl::Seconds(20), request), BlamesField("importer")) << malformed;
  }
}

TEST_F(GatewayServiceTest, HandsTheRevisionOnToEveryNeighbour) {
  v1::GetOverviewRequest request;
  request.set_min_revision(2);
  ASSERT_THAT(GetOverview(absl::Seconds(20), request), IsOk());
  EXPECT_EQ(registry_.asked_revision, 2);
  EXPECT_EQ(risk_.asked_revision, 2);
  EXPECT_EQ(alerting_.asked_revision, 2);
  ASSERT_THAT(GetBrief("minerals/cobalt", 3), IsOk());
  EXPECT_EQ(registry_.asked_revision, 3);
  EXPECT_EQ(risk_.asked_revision, 3);
  EXPECT_EQ(alerting_.asked_revision, 3);
  EXPECT_THAT(GetBrief("minerals/cobalt", -1), BlamesField("min_revision"));
}

TEST_F(GatewayServiceTest, SaysUnavailableWhenNobodyIsThere) {
  channels_ = {Dead(), Dead(), Dead()};
  EXPECT_THAT(GetOverview(), HasError(absl::StatusCode::kUnavailable, "NO_SECTION"));
}

TEST_F(GatewayServiceTest, BriefsKnownMineralsAndRefusesOthers) {
  const auto brief = GetBrief("minerals/cobalt");
  ASSERT_THAT(brief, IsOk());
  EXPECT_EQ(brief->mineral().name(), "minerals/cobalt");
  EXPECT_EQ(brief->registry().revision().number(), 3);
  EXPECT_EQ(brief->alerts_size(), 1);
  EXPECT_THAT(GetBrief("minerals/unobtainium"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(GetBrief("cobalt"), BlamesField("name"));
}

}  // namespace
}  // namespace orewatch::gateway
