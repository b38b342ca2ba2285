// The gateway against real neighbours whose answers the test decides.
#include "services/gateway/api/gateway_service.h"

#include <array>
#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "common/testing/matchers.h"
#include "common/testing/serve.h"
#include "common/testing/test_server.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/alerting/v1/alerting.grpc.pb.h"
#include "orewatch/gateway/v1/gateway.grpc.pb.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"
#include "services/gateway/gateway_app.h"

namespace orewatch::gateway {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::TestServer;
using v1::SectionStatus;

std::string PrincipalOf(const grpc::ServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(rpc::kPrincipalHeader);
  return found == metadata.end() ? "" : std::string(found->second.data(), found->second.size());
}

// A stream on which nothing comes until its reader has gone.
grpc::Status StayOpen(const grpc::ServerContext& context) {
  while (!context.IsCancelled()) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  return grpc::Status::CANCELLED;
}

class FakeRegistry final : public registry::v1::Registry::Service {
 public:
  grpc::Status BatchGet(grpc::ServerContext* context, const registry::v1::BatchGetRequest* request,
                        registry::v1::BatchGetResponse* response) override {
    const std::string& name = request->names(0);
    asked_revision = request->min_revision();
    time_left = absl::FromChrono(context->deadline()) - absl::Now();
    principal = PrincipalOf(*context);
    response->mutable_revision()->set_number(3);
    if (name == "minerals/cobalt") {
      response->add_entries()->mutable_mineral()->set_name(name);
    } else if (name == "countries/JP") {
      response->add_entries()->mutable_country()->set_name(name);
    } else if (name == "suppliers/a") {
      response->add_entries()->mutable_supplier()->set_name(name);
    } else if (name == "projects/p") {
      auto& project = *response->add_entries()->mutable_project();
      project.set_name(name);
      project.set_country("countries/JP");
      project.set_mineral("minerals/cobalt");
      project.add_sponsors()->set_supplier("suppliers/a");
    } else {
      return {grpc::StatusCode::NOT_FOUND, "there is none"};
    }
    return grpc::Status::OK;
  }
  grpc::Status ListAgreements(grpc::ServerContext*, const registry::v1::ListAgreementsRequest* request,
                              registry::v1::ListAgreementsResponse* response) override {
    response->add_agreements()->set_name("agreements/" + request->filter());
    return grpc::Status::OK;
  }
  grpc::Status ListLinks(grpc::ServerContext*, const registry::v1::ListLinksRequest* request,
                         registry::v1::ListLinksResponse* response) override {
    response->add_links()->set_name("links/" + request->filter());
    return grpc::Status::OK;
  }
  grpc::Status ListFacilities(grpc::ServerContext* context, const registry::v1::ListFacilitiesRequest* request,
                              registry::v1::ListFacilitiesResponse* response) override {
    ++facilities_asked;
    response->add_facilities()->set_name(request->parent() + "/facilities/of-" + PrincipalOf(*context));
    response->mutable_revision()->set_number(3);
    return grpc::Status::OK;
  }
  grpc::Status ListChanges(grpc::ServerContext*, const registry::v1::ListChangesRequest*,
                           registry::v1::ListChangesResponse* response) override {
    response->mutable_revision()->set_number(3);
    return grpc::Status::OK;
  }
  grpc::Status GetHead(grpc::ServerContext*, const registry::v1::GetHeadRequest*,
                       registry::v1::GetHeadResponse* response) override {
    response->mutable_revision()->set_lineage("l");
    response->mutable_revision()->set_number(3);
    return grpc::Status::OK;
  }
  // Nothing ever happens.
  grpc::Status Watch(grpc::ServerContext* context, const registry::v1::WatchRequest*,
                     grpc::ServerWriter<registry::v1::ChangeSet>*) override {
    return StayOpen(*context);
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
  std::atomic<int64_t> asked_revision = 0;
  std::atomic<int> facilities_asked = 0;
  std::string principal;
  // Of the last BatchGet.
  absl::Duration time_left;
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
  grpc::Status ExplainScore(grpc::ServerContext*, const risk::v1::ExplainScoreRequest* request,
                            risk::v1::ScoreExplanation* response) override {
    *response->mutable_score()->mutable_key() = request->key();
    response->mutable_score()->mutable_revision()->set_number(3);
    return grpc::Status::OK;
  }
  grpc::Status ListExposures(grpc::ServerContext*, const risk::v1::ListExposuresRequest*,
                             risk::v1::ListExposuresResponse* response) override {
    response->mutable_revision()->set_number(3);
    return grpc::Status::OK;
  }
  grpc::Status GetProjectOutlook(grpc::ServerContext*, const risk::v1::GetProjectOutlookRequest*,
                                 risk::v1::ProjectOutlook* response) override {
    response->mutable_revision()->set_number(3);
    return grpc::Status::OK;
  }
  grpc::Status WatchScores(grpc::ServerContext* context, const risk::v1::WatchScoresRequest*,
                           grpc::ServerWriter<risk::v1::WatchScoresResponse>*) override {
    return StayOpen(*context);
  }
  absl::Notification* hang = nullptr;
  std::atomic<int64_t> asked_revision = 0;
};

// A gateway's neighbour that hangs until it is cancelled, and says how many are waiting.
class HungRisk final : public risk::v1::Risk::CallbackService {
 public:
  grpc::ServerUnaryReactor* ListScores(grpc::CallbackServerContext* context, const risk::v1::ListScoresRequest* request,
                                       risk::v1::ListScoresResponse*) override {
    if (request->page_size() == 1) {
      // The gateway's own question how far it is.
      auto* reactor = context->DefaultReactor();
      reactor->Finish({grpc::StatusCode::UNAVAILABLE, "hung"});
      return reactor;
    }
    return new Hung(*this);
  }
  // False if it takes too long.
  bool AwaitOpen(int count) {
    absl::MutexLock lock(&mutex_);
    const auto reached = [this, count] { return open_ == count; };
    return mutex_.AwaitWithTimeout(absl::Condition(&reached), absl::Seconds(10));
  }

 private:
  class Hung final : public grpc::ServerUnaryReactor {
   public:
    explicit Hung(HungRisk& risk) : risk_(risk) { risk_.Count(1); }
    void OnCancel() override { Finish(grpc::Status::CANCELLED); }
    void OnDone() override {
      risk_.Count(-1);
      delete this;
    }

   private:
    HungRisk& risk_;
  };
  void Count(int change) {
    absl::MutexLock lock(&mutex_);
    open_ += change;
  }
  absl::Mutex mutex_;
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
};

class FakeAlerting final : public alerting::v1::Alerting::Service {
 public:
  grpc::Status ListAlerts(grpc::ServerContext*, const alerting::v1::ListAlertsRequest* request,
                          alerting::v1::ListAlertsResponse* response) override {
    asked_revision = request->min_revision();
    auto& alert = *response->add_alerts();
    alert.set_name("alerts/one");
    alert.set_summary("Cobalt is concentrated");
    response->set_lineage("a");
    response->set_sequence(5);
    return grpc::Status::OK;
  }
  grpc::Status ListRules(grpc::ServerContext*, const alerting::v1::ListRulesRequest*,
                         alerting::v1::ListRulesResponse* response) override {
    response->add_rules()->set_name("rules/cobalt");
    return grpc::Status::OK;
  }
  grpc::Status WatchAlerts(grpc::ServerContext* context, const alerting::v1::WatchAlertsRequest*,
                           grpc::ServerWriter<alerting::v1::WatchAlertsResponse>*) override {
    return StayOpen(*context);
  }
  std::atomic<int64_t> asked_revision = 0;
};

class GatewayServiceTest : public ::testing::Test {
 protected:
  GatewayServiceTest() {
    neighbours_server_ = orewatch::testing::Serve({&registry_, &risk_, &alerting_});
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

  absl::StatusOr<v1::SupplierBrief> GetSupplier(v1::Gateway::Stub& stub, const std::string& principal) {
    v1::GetSupplierBriefRequest request;
    request.set_name("suppliers/a");
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    v1::SupplierBrief brief;
    const absl::Status status = rpc::FromGrpc(stub.GetSupplierBrief(&context, request, &brief));
    return status.ok() ? absl::StatusOr<v1::SupplierBrief>(brief) : status;
  }

  // Of a gateway that has just started.
  template <typename Response, typename Method>
  absl::StatusOr<Response> Call(absl::Duration timeout, Method method, Response& response) {
    GatewayApp app({}, {clock_, metrics_});
    app.Start(channels_);
    TestServer server({&app.service()});
    const auto stub = v1::Gateway::NewStub(server.tcp_channel());
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    const absl::Status status = rpc::FromGrpc(method(*stub, &context));
    return status.ok() ? absl::StatusOr<Response>(response) : status;
  }

  SystemClock clock_;
  prometheus::Registry metrics_;
  // Outlives the handlers that wait for it, which the destructor waits for.
  absl::Notification hang_;
  FakeRegistry registry_;
  FakeRisk risk_;
  FakeAlerting alerting_;
  std::unique_ptr<grpc::Server> neighbours_server_;
  Channels channels_;
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
  EXPECT_EQ(overview->minerals_size(), kWholeList.pages);
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

TEST_F(GatewayServiceTest, ASupplierComesAsItsCallerMaySeeItAndFromMemoryAsLongAsNothingMoves) {
  GatewayApp app({}, {clock_, metrics_});
  app.Start(channels_);
  rpc::ServerOptions options;
  options.authenticator = rpc::TrustPrincipalHeader();
  TestServer server({&app.service()}, options);
  const auto stub = v1::Gateway::NewStub(server.tcp_channel());
  auto brief = GetSupplier(*stub, "alice");
  ASSERT_THAT(brief, IsOk());
  EXPECT_EQ(brief->facilities(0).name(), "suppliers/a/facilities/of-alice");
  EXPECT_EQ(registry_.principal, "alice");
  // Once the positions are known, nobody is asked again.
  for (int asked = -1; asked != registry_.facilities_asked;) {
    asked = registry_.facilities_asked;
    ASSERT_THAT(GetSupplier(*stub, "alice"), IsOk());
  }
  brief = GetSupplier(*stub, "bob");
  ASSERT_THAT(brief, IsOk());
  EXPECT_EQ(brief->facilities(0).name(), "suppliers/a/facilities/of-bob");
}

TEST_F(GatewayServiceTest, AProjectComesWithWhatFollowsFromIt) {
  v1::ProjectBrief response;
  const auto brief = Call<v1::ProjectBrief>(
      absl::Seconds(20),
      [&](auto& stub, auto* context) {
        v1::GetProjectBriefRequest request;
        request.set_name("projects/p");
        return stub.GetProjectBrief(context, request, &response);
      },
      response);
  ASSERT_THAT(brief, IsOk());
  EXPECT_EQ(brief->project().name(), "projects/p");
  EXPECT_EQ(brief->agreements(0).name(), "agreements/parties:\"countries/JP\"");
  EXPECT_THAT(brief->links(0).name(), ::testing::HasSubstr("from = \"suppliers/a/*\""));
  EXPECT_EQ(brief->sections().outlook().state(), SectionStatus::STATE_FRESH);
}

TEST_F(GatewayServiceTest, ARequiredSectionThatIsMissingFailsTheCall) {
  channels_.alerting = Dead();
  v1::GetOverviewRequest request;
  request.set_sections(v1::SECTION_POLICY_REQUIRED);
  EXPECT_THAT(GetOverview(absl::Seconds(20), request),
              HasError(absl::StatusCode::kUnavailable, "REQUIRED_SECTION_ALERTING"));
}

TEST_F(GatewayServiceTest, ACallersDeadlineIsTheirOwnUpToABound) {
  for (const auto& [given, least, most] :
       std::vector<std::array<absl::Duration, 3>>{{absl::InfiniteDuration(), absl::Seconds(2), absl::Seconds(5)},
                                                  {absl::Seconds(20), absl::Seconds(10), absl::Seconds(20)},
                                                  {absl::Seconds(300), absl::Seconds(21), absl::Seconds(30)}}) {
    v1::MineralBrief response;
    ASSERT_THAT(Call<v1::MineralBrief>(
                    given,
                    [&](auto& stub, auto* context) {
                      v1::GetMineralBriefRequest request;
                      request.set_name("minerals/cobalt");
                      return stub.GetMineralBrief(context, request, &response);
                    },
                    response),
                IsOk());
    EXPECT_GT(registry_.time_left, least);
    EXPECT_LE(registry_.time_left, most);
  }
}

TEST_F(GatewayServiceTest, WhatIsKnownNotToBeThereIsSaidAlthoughANeighbourHangs) {
  risk_.hang = &hang_;
  const absl::Time asked = absl::Now();
  EXPECT_THAT(GetBrief("minerals/unobtainium"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_LT(absl::Now() - asked, absl::Seconds(10)) << "of twenty";
  hang_.Notify();
}

TEST_F(GatewayServiceTest, ACallThatIsCancelledEndsItsCallsToTheNeighbours) {
  HungRisk hung;
  const auto hung_server = orewatch::testing::Serve({&hung});
  channels_.risk = hung_server->InProcessChannel({});
  v1::Overview overview;
  const auto answer = Call<v1::Overview>(
      absl::Seconds(20),
      [&](auto& stub, auto* context) {
        std::thread canceller([&] {
          EXPECT_TRUE(hung.AwaitOpen(2));
          context->TryCancel();
        });
        const grpc::Status status = stub.GetOverview(context, {}, &overview);
        canceller.join();
        EXPECT_TRUE(hung.AwaitOpen(0)) << "long before the deadline";
        return status;
      },
      overview);
  EXPECT_THAT(answer, HasCode(absl::StatusCode::kCancelled));
  hung_server->Shutdown();
}

TEST_F(GatewayServiceTest, SaysWhoTheCallerIs) {
  v1::CallerInfo response;
  const auto caller = Call<v1::CallerInfo>(
      absl::Seconds(20), [&](auto& stub, auto* context) { return stub.GetCaller(context, {}, &response); }, response);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->principal(), "anonymous");
  EXPECT_EQ(caller->role(), access::v1::ROLE_ADMIN);
}

}  // namespace
}  // namespace orewatch::gateway
