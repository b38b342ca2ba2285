// Projects and partners through the risk service, for callers who see different things.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/call_runtime.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "common/testing/matchers.h"
#include "common/testing/serve.h"
#include "common/testing/test_server.h"
#include "google/protobuf/util/message_differencer.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"
#include "services/risk/risk_app.h"

namespace orewatch::risk {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::orewatch::testing::BlamesField;
using ::orewatch::testing::EqualsProto;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::orewatch::testing::TestServer;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::SizeIs;

// Answers with one snapshot, and has no changes.
class OneSnapshot final : public registry::v1::Registry::Service {
 public:
  explicit OneSnapshot(const std::string& entries) : snapshot_(ParseProto<registry::v1::ExportResponse>(entries)) {
    snapshot_.mutable_revision()->set_lineage("l");
    snapshot_.mutable_revision()->set_number(1);
    snapshot_.set_done(true);
  }
  grpc::Status GetHead(grpc::ServerContext*, const registry::v1::GetHeadRequest* request,
                       registry::v1::GetHeadResponse* response) override {
    *response->mutable_revision() = snapshot_.revision();
    response->set_continues(request->after().number() == 1);
    return grpc::Status::OK;
  }
  grpc::Status Export(grpc::ServerContext*, const registry::v1::ExportRequest*,
                      grpc::ServerWriter<registry::v1::ExportResponse>* writer) override {
    writer->Write(snapshot_);
    return grpc::Status::OK;
  }
  grpc::Status Watch(grpc::ServerContext* context, const registry::v1::WatchRequest*,
                     grpc::ServerWriter<registry::v1::ChangeSet>*) override {
    while (!context->IsCancelled() && !closed_.WaitForNotificationWithTimeout(absl::Milliseconds(20))) {
    }
    return {grpc::StatusCode::UNAVAILABLE, "closed"};
  }
  void Close() { closed_.Notify(); }

 private:
  registry::v1::ExportResponse snapshot_;
  absl::Notification closed_;
};

// The risk service over a registry with these entries.
class Risk {
 public:
  explicit Risk(const std::string& entries)
      : registry_(entries), metrics_(std::make_shared<prometheus::Registry>()), app_(config_, {clock_, *metrics_}) {
    registry_server_ = orewatch::testing::Serve({&registry_});
    rpc::ServerOptions options;
    options.authenticator = rpc::TrustPrincipalHeader();
    server_ = std::make_unique<TestServer>(std::vector<rpc::Service*>{&app_.service()}, options);
    stub_ = v1::Risk::NewStub(server_->channel());
    app_.Start(registry_server_->InProcessChannel({}), [this] { loaded_.Notify(); });
    loaded_.WaitForNotification();
  }
  ~Risk() {
    server_.reset();
    app_.Stop();
    registry_.Close();
    registry_server_->Shutdown();
  }

  absl::StatusOr<v1::ProjectOutlook> Outlook(const std::string& principal,
                                             const v1::GetProjectOutlookRequest& request) {
    return Call<v1::ProjectOutlook>(
        principal, [&](auto* context, auto* response) { return stub_->GetProjectOutlook(context, request, response); });
  }
  absl::StatusOr<v1::RankPartnersResponse> Rank(const std::string& principal, const v1::RankPartnersRequest& request) {
    return Call<v1::RankPartnersResponse>(
        principal, [&](auto* context, auto* response) { return stub_->RankPartners(context, request, response); });
  }

  // Whatever is listed, and one that is computed on request.
  std::vector<v1::Score> Scores(const std::string& principal) {
    v1::GetScoreRequest cover;
    cover.mutable_key()->set_subject("minerals/cobalt");
    cover.mutable_key()->set_importer("countries/JP");
    cover.mutable_key()->set_method(v1::METHOD_STOCK_COVER);
    const auto listed = Call<v1::ListScoresResponse>(
        principal, [&](auto* context, auto* response) { return stub_->ListScores(context, {}, response); });
    const auto computed = Call<v1::Score>(
        principal, [&](auto* context, auto* response) { return stub_->GetScore(context, cover, response); });
    EXPECT_THAT(listed, IsOk());
    EXPECT_THAT(computed, IsOk());
    std::vector<v1::Score> scores(listed->scores().begin(), listed->scores().end());
    scores.push_back(*computed);
    return scores;
  }

 private:
  template <typename Response, typename Method>
  static absl::StatusOr<Response> Call(const std::string& principal, const Method& method) {
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    Response response;
    const absl::Status status = rpc::FromGrpc(method(&context, &response));
    return status.ok() ? absl::StatusOr<Response>(response) : status;
  }

  const RiskConfig config_;
  SystemClock clock_;
  OneSnapshot registry_;
  std::shared_ptr<prometheus::Registry> metrics_;
  absl::Notification loaded_;
  RiskApp app_;
  std::unique_ptr<grpc::Server> registry_server_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<v1::Risk::Stub> stub_;
};

constexpr char kPublic[] = R"(
  entries { today { name: "clock/today" date { year: 2026 month: 1 day: 1 } } }
  entries { mineral { name: "minerals/cobalt" } }
  entries { country { name: "countries/AU" } }
  entries { country { name: "countries/CD" } }
  entries { country { name: "countries/JP" } }
  entries { country { name: "countries/VN" } }
  entries { statistic { dataset: "usgs-mcs-2026" year: 2024
    production { mineral: "minerals/cobalt" stage: STAGE_MINE country: "CD" }
    quantity { tonnes: 80 basis: BASIS_CONTAINED } provenance { source: "s" } } }
  entries { statistic { dataset: "usgs-mcs-2026" year: 2024
    production { mineral: "minerals/cobalt" stage: STAGE_MINE country: "AU" }
    quantity { tonnes: 20 basis: BASIS_CONTAINED } provenance { source: "s" } } }
  entries { statistic { dataset: "cepii-baci-x" year: 2024
    trade { mineral: "minerals/cobalt" stage: STAGE_MINE hs6: "260500" exporter: "CD" importer: "JP" }
    quantity { tonnes: 100 basis: BASIS_CONTAINED } } }
  entries { requirement { name: "requirements/jp" holder: "countries/JP" mineral: "minerals/cobalt" stage: STAGE_MINE
    year: 2025 quantity { tonnes: 3650 basis: BASIS_CONTAINED } provenance { source: "the ministry" } } }
  entries { project { name: "projects/open" country: "countries/AU" mineral: "minerals/cobalt" stage: STAGE_MINE
    status: STATUS_CONSTRUCTION capacity_tonnes_per_year: 500 basis: BASIS_CONTAINED
    commitments { agency: "JOGMEC" country: "countries/JP" instrument: INSTRUMENT_OFFTAKE
      next_decision { year: 2026 month: 2 day: 1 } lapse { year: 2027 } offtake_tonnes_per_year: 100 }
    milestones { title: "start of construction" actual { year: 2022 month: 1 day: 1 } }
    milestones { title: "start of production" planned { year: 2025 month: 1 day: 1 } } } }
)";

// What only its owner may read, once for each of two owners.
std::string HiddenOf(const std::string& owner) {
  return absl::StrReplaceAll(R"(
  entries { project { name: "projects/of-OWNER" country: "countries/VN" mineral: "minerals/cobalt" stage: STAGE_MINE
    status: STATUS_CONSTRUCTION capacity_tonnes_per_year: 700 basis: BASIS_CONTAINED visibility { owner: "OWNER" } } }
  entries { facility { name: "suppliers/s/facilities/of-OWNER" country: "countries/AU" status: STATUS_OPERATING
    outputs { mineral: "minerals/cobalt" stage: STAGE_MINE spare_capacity_tonnes_per_year: 30 basis: BASIS_CONTAINED }
    visibility { owner: "OWNER" } } }
  entries { requirement { name: "requirements/a-of-OWNER" holder: "countries/JP" mineral: "minerals/cobalt"
    stage: STAGE_MINE year: 2026 quantity { tonnes: 365 basis: BASIS_CONTAINED } visibility { owner: "OWNER" } } }
  entries { agreement { name: "agreements/of-OWNER" kind: KIND_CRITICAL_MINERALS_AGREEMENT parties: "countries/JP"
    parties: "countries/AU" in_force { year: 2020 } visibility { owner: "OWNER" } } }
  entries { agreement { name: "agreements/cd-of-OWNER" kind: KIND_FREE_TRADE_AGREEMENT parties: "countries/JP"
    parties: "countries/CD" in_force { year: 2020 } visibility { owner: "OWNER" } } }
  entries { stockpile { name: "stockpiles/of-OWNER" country: "countries/JP" minerals: "minerals/cobalt" held_days: 90
    denominator: "use" visibility { owner: "OWNER" } } }
)",
                             {{"OWNER", owner}});
}

v1::RankPartnersRequest Ranking() {
  return ParseProto<v1::RankPartnersRequest>(
      R"(mineral: "minerals/cobalt" stage: STAGE_MINE importer: "countries/JP" horizon_year: 2030)");
}
v1::GetProjectOutlookRequest OutlookOf(const std::string& name) {
  v1::GetProjectOutlookRequest request;
  request.set_name(name);
  return request;
}

// Each call has a trace of its own.
absl::Status Untraced(absl::Status status) {
  status.ErasePayload("type.googleapis.com/google.rpc.RequestInfo");
  return status;
}

TEST(ProjectsAppTest, ShowsEachOfTwoOwnersWhatARegistryWithoutTheOthersSecretsShows) {
  const std::string meti = HiddenOf("meti");
  const std::string komir = HiddenOf("komir");
  Risk both(absl::StrCat(kPublic, meti, komir));
  Risk only_meti(absl::StrCat(kPublic, meti));
  Risk nothing_hidden(kPublic);
  const auto expect_same = [](const auto& seen, const auto& alone) {
    ASSERT_THAT(seen, IsOk());
    ASSERT_THAT(alone, IsOk());
    EXPECT_TRUE(MessageDifferencer::Equals(*seen, *alone)) << seen->DebugString();
  };
  expect_same(both.Rank("meti", Ranking()), only_meti.Rank("meti", Ranking()));
  expect_same(both.Rank("anonymous", Ranking()), nothing_hidden.Rank("anonymous", Ranking()));
  EXPECT_FALSE(MessageDifferencer::Equals(*both.Rank("meti", Ranking()), *both.Rank("anonymous", Ranking())));
  for (const char* name : {"projects/open", "projects/of-meti"}) {
    expect_same(both.Outlook("meti", OutlookOf(name)), only_meti.Outlook("meti", OutlookOf(name)));
  }
  expect_same(both.Outlook("anonymous", OutlookOf("projects/open")),
              nothing_hidden.Outlook("anonymous", OutlookOf("projects/open")));
  EXPECT_NE(both.Outlook("meti", OutlookOf("projects/open"))->commitments(0).lapse_cost().days_of_cover(),
            both.Outlook("anonymous", OutlookOf("projects/open"))->commitments(0).lapse_cost().days_of_cover());
  const absl::Status hidden = Untraced(both.Outlook("meti", OutlookOf("projects/of-komir")).status());
  EXPECT_THAT(hidden, HasCode(absl::StatusCode::kNotFound));
  EXPECT_EQ(hidden, Untraced(only_meti.Outlook("meti", OutlookOf("projects/of-komir")).status()));
}

TEST(ProjectsAppTest, ScoresAreOfPublicFactsAloneWhoeverAsks) {
  Risk both(absl::StrCat(kPublic, HiddenOf("meti"), HiddenOf("komir")));
  Risk nothing_hidden(kPublic);
  const std::vector<v1::Score> expected = nothing_hidden.Scores("anonymous");
  EXPECT_THAT(expected, SizeIs(Gt(3)));
  for (const char* principal : {"meti", "komir", "anonymous"}) {
    const std::vector<v1::Score> seen = both.Scores(principal);
    ASSERT_THAT(seen, SizeIs(expected.size()));
    for (size_t i = 0; i < seen.size(); ++i) {
      EXPECT_THAT(seen[i], EqualsProto(expected[i])) << principal;
    }
  }
}

TEST(ProjectsAppTest, SaysWhenHowLateAndWhatALapseCosts) {
  Risk risk(kPublic);
  const auto outlook = risk.Outlook("anonymous", OutlookOf("projects/open"));
  ASSERT_THAT(outlook, IsOk());
  EXPECT_DOUBLE_EQ(outlook->published().ever_produces().value(), 0.45);
  EXPECT_GT(outlook->published().start().p50_years(), 0);
  EXPECT_THAT(outlook->assumptions(), SizeIs(0));
  EXPECT_DOUBLE_EQ(outlook->milestones(1).behind_plan_years(), 1);
  EXPECT_NEAR(outlook->milestones(1).behind_norm_years(), 4 - 2.6, 1e-9);
  EXPECT_TRUE(outlook->milestones(1).still_growing());
  const v1::CommitmentOutlook& commitment = outlook->commitments(0);
  EXPECT_EQ(commitment.days_to_next_decision(), 31);
  EXPECT_EQ(commitment.days_to_lapse(), 365);
  EXPECT_DOUBLE_EQ(commitment.lapse_cost().tonnes_per_year(), 100);
  EXPECT_DOUBLE_EQ(commitment.lapse_cost().days_of_cover(), 10);
  EXPECT_EQ(commitment.lapse_cost().requirement_provenance().source(), "the ministry");
}

TEST(ProjectsAppTest, GivesTheSameAnswerForTheSameSeedAndNamesAssumptions) {
  Risk risk(kPublic);
  v1::GetProjectOutlookRequest request = OutlookOf("projects/open");
  request.set_seed(7);
  auto& effect = *request.mutable_assumptions()->add_effects();
  effect.set_name("engagement");
  effect.set_log_odds(1);
  const auto once = risk.Outlook("anonymous", request);
  ASSERT_THAT(once, IsOk());
  EXPECT_TRUE(MessageDifferencer::Equals(*once, *risk.Outlook("anonymous", request)));
  EXPECT_THAT(once->assumptions(), ElementsAre("engagement"));
  EXPECT_DOUBLE_EQ(once->published().ever_produces().value(), 0.45);
  EXPECT_GT(once->assumed().ever_produces().value(), 0.45);
  request.set_seed(8);
  EXPECT_FALSE(MessageDifferencer::Equals(once->published(), risk.Outlook("anonymous", request)->published()));
}

TEST(ProjectsAppTest, NamesEachOptionOutOfBounds) {
  Risk risk(kPublic);
  v1::GetProjectOutlookRequest request = OutlookOf("projects/open");
  request.set_runs(100'001);
  request.set_horizon_years(61);
  request.mutable_assumptions()->add_pass_probability(0.5);
  request.mutable_assumptions()->set_country_failure(1.5);
  request.mutable_assumptions()->add_effects()->set_log_odds(100);
  const absl::Status status = risk.Outlook("anonymous", request).status();
  EXPECT_THAT(status, HasCode(absl::StatusCode::kInvalidArgument));
  for (const char* field : {"runs", "horizon_years", "assumptions.pass_probability", "assumptions.country_failure",
                            "assumptions.effects[0].name", "assumptions.effects[0].log_odds"}) {
    EXPECT_THAT(status, BlamesField(field));
  }
  v1::RankPartnersRequest ranking = Ranking();
  ranking.set_horizon_year(2025);
  ranking.add_exclusions("AU");
  ranking.add_weights()->set_weight(-1);
  const absl::Status refused = risk.Rank("anonymous", ranking).status();
  EXPECT_THAT(refused, HasCode(absl::StatusCode::kInvalidArgument));
  for (const char* field : {"horizon_year", "exclusions", "weights[0].factor", "weights[0].weight"}) {
    EXPECT_THAT(refused, BlamesField(field));
  }
}

TEST(ProjectsAppTest, EchoesTheWeightsOfItsSetOrOfTheCaller) {
  Risk risk(kPublic);
  v1::RankPartnersRequest request = Ranking();
  EXPECT_EQ(risk.Rank("anonymous", request)->parameter_set(), "partners");
  auto& weight = *request.add_weights();
  weight.set_factor(v1::PARTNER_FACTOR_GOVERNANCE);
  weight.set_weight(2);
  const auto ranking = risk.Rank("anonymous", request);
  ASSERT_THAT(ranking, IsOk());
  EXPECT_EQ(ranking->parameter_set(), "partners+caller");
  EXPECT_EQ(ranking->risk_method(), "hhi_governance_imports");
  for (const v1::PartnerWeight& used : ranking->weights()) {
    EXPECT_EQ(used.weight(), used.factor() == v1::PARTNER_FACTOR_GOVERNANCE ? 2 : 1);
  }
  for (int factor = 1; factor < v1::PartnerFactor_ARRAYSIZE; ++factor) {
    auto& zero = *request.add_weights();
    zero.set_factor(static_cast<v1::PartnerFactor>(factor));
  }
  request.mutable_weights()->DeleteSubrange(0, 1);
  EXPECT_THAT(risk.Rank("anonymous", request).status(), BlamesField("weights"));
}

TEST(ProjectsAppTest, RefusesWhatTheRegistryDoesNotHave) {
  Risk risk(kPublic);
  EXPECT_THAT(risk.Outlook("anonymous", OutlookOf("projects/none")).status(), HasCode(absl::StatusCode::kNotFound));
  v1::RankPartnersRequest request = Ranking();
  request.set_mineral("minerals/none");
  EXPECT_THAT(risk.Rank("anonymous", request).status(), HasCode(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace orewatch::risk
