// Supply chains as callers see them: a registry that they write to, and risk that follows it.
#include <filesystem>
#include <random>
#include <regex>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/rpc/call_runtime.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "common/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"
#include "services/registry/registry_app.h"
#include "services/risk/risk_app.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::orewatch::testing::TestServer;
using ::testing::HasSubstr;

std::string NewFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "orewatch-chain-XXXXXX").string();
  return mkdtemp(pattern.data());
}

rpc::ServerOptions BelievingCallers() {
  rpc::ServerOptions options;
  options.authorizer = rpc::TrustPrincipalHeader();
  return options;
}

// Follows a registry until it goes.
class Follower {
 public:
  Follower(const std::shared_ptr<grpc::Channel>& registry, const Clock& clock)
      : app_({}, {clock, metrics_}), server_({&app_.service()}, BelievingCallers()) {
    app_.Start(registry, [this] { std::call_once(first_, [this] { loaded_.Notify(); }); });
    loaded_.WaitForNotification();
    stub = v1::Risk::NewStub(server_.tcp_channel());
  }

 private:
  std::once_flag first_;
  absl::Notification loaded_;
  prometheus::Registry metrics_;
  RiskApp app_;
  TestServer server_;

 public:
  std::unique_ptr<v1::Risk::Stub> stub;
};

// A registry with a risk service.
class Pair {
 public:
  explicit Pair(const Clock& clock) : clock_(clock), folder_(NewFolder()) {
    registry::RegistryConfig config;
    config.data_dir = folder_;
    app_ = *registry::RegistryApp::Create(config, {clock_, metrics_});
    server_ = std::make_unique<TestServer>(std::vector<rpc::Service*>{&app_->service()}, BelievingCallers());
    registry_ = registry::v1::Registry::NewStub(server_->tcp_channel());
    risk_ = NewFollower();
  }
  ~Pair() {
    risk_.reset();
    server_.reset();
    app_.reset();
    std::filesystem::remove_all(folder_);
  }
  std::unique_ptr<Follower> NewFollower() { return std::make_unique<Follower>(server_->tcp_channel(), clock_); }

  absl::Status Apply(const registry::v1::ApplyChangesRequest& request, const std::string& principal) {
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    registry::v1::ApplyChangesResponse response;
    absl::Status status = rpc::FromGrpc(registry_->ApplyChanges(&context, request, &response));
    revision_ = status.ok() ? response.revision().number() : revision_;
    return status;
  }
  // Creates or updates.
  void Put(const std::vector<std::string>& entries, const std::string& principal = "alice") {
    registry::v1::ApplyChangesRequest request;
    for (const std::string& entry : entries) {
      auto& mutation = *request.add_mutations();
      mutation.set_operation(registry::v1::Mutation::OPERATION_UPDATE);
      mutation.set_allow_missing(true);
      *mutation.mutable_entry() = ParseProto<registry::v1::Entry>(entry);
    }
    ASSERT_THAT(Apply(request, principal), IsOk());
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(grpc::Status (v1::Risk::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                               const std::string& text, const std::string& principal = "anonymous",
                               const Follower* of = nullptr) {
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    auto request = ParseProto<Request>(text);
    request.set_min_revision(revision_);
    Response response;
    const auto& stub = of == nullptr ? risk_->stub : of->stub;
    const absl::Status status = rpc::FromGrpc(((*stub).*method)(&context, request, &response));
    return status.ok() ? absl::StatusOr<Response>(std::move(response)) : status;
  }

 private:
  const Clock& clock_;
  const std::string folder_;
  prometheus::Registry metrics_;
  std::unique_ptr<registry::RegistryApp> app_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<registry::v1::Registry::Stub> registry_;
  std::unique_ptr<Follower> risk_;
  int64_t revision_ = 0;
};

constexpr char kSource[] = "provenance { source: 'a test' } ";
constexpr char kAlices[] = "visibility { owner: 'alice' } ";
constexpr char kBobs[] = "visibility { owner: 'bob' readers: 'carol' } ";

std::string Named(const std::string& kind, const std::string& name, const std::string& more) {
  return absl::StrCat(kind, " { name: '", name, "' ", kSource, more, " }");
}

std::string Link(const std::string& id, const std::string& from, const std::string& to, const std::string& product,
                 const std::string& more) {
  return Named(
      "link", absl::StrCat("links/", id),
      absl::StrCat("from: 'suppliers/", from, "' to: 'suppliers/", to, "' mineral: 'minerals/cobalt' product: '",
                   product, "' verification: VERIFICATION_VERIFIED ", more));
}

std::string Input(const std::string& product, double use, double stock) {
  return absl::StrCat("inputs { mineral: 'minerals/cobalt' product: '", product, "' use_tonnes_per_day: ", use,
                      " stock_tonnes: ", stock, " essential: true } ");
}

std::string Output(const std::string& stage, const std::string& product, const std::string& more = "") {
  return absl::StrCat("outputs { mineral: 'minerals/cobalt' stage: ", stage, " product: '", product, "' ", more, "} ");
}

// A mine in CD, a refinery in CN that buys three quarters of its ore there, and a maker in KR.
std::vector<std::string> PublicChain() {
  std::vector<std::string> entries = {Named("mineral", "minerals/cobalt", "")};
  for (const char* country : {"CD", "CN", "KR", "FI", "AU"}) {
    entries.push_back(Named("country", absl::StrCat("countries/", country), ""));
  }
  for (const char* supplier : {"a", "b", "c"}) {
    entries.push_back(Named("supplier", absl::StrCat("suppliers/", supplier), ""));
  }
  entries.push_back(Named("facility", "suppliers/a/facilities/mine",
                          absl::StrCat("country: 'countries/CD' ", Output("STAGE_MINE", "ore"))));
  entries.push_back(
      Named("facility", "suppliers/b/facilities/refinery",
            absl::StrCat("country: 'countries/CN' ", Input("ore", 10, 100), Output("STAGE_REFINE", "sulphate"))));
  entries.push_back(Named("facility", "suppliers/c/facilities/maker",
                          absl::StrCat("country: 'countries/KR' ", Input("sulphate", 5, 100))));
  entries.push_back(Link("1", "a/facilities/mine", "b/facilities/refinery", "ore", "share: 0.75"));
  entries.push_back(Link("2", "b/facilities/refinery", "c/facilities/maker", "sulphate", "share: 0.5"));
  entries.push_back(Named("requirement", "requirements/c",
                          "holder: 'suppliers/c' mineral: 'minerals/cobalt' product: "
                          "'sulphate' year: 2026 quantity { tonnes: 1825 basis: BASIS_GROSS }"));
  return entries;
}

class ChainApiTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::ListExposuresResponse> Exposures(const std::string& request,
                                                      const std::string& principal = "anonymous") {
    return pair_.Ask(&v1::Risk::Stub::ListExposures, request, principal);
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  Pair pair_{clock_};
};

TEST_F(ChainApiTest, SaysTierByTierFromWhereWhatIsUsedCame) {
  pair_.Put(PublicChain());
  const auto response = Exposures("subject: 'suppliers/c/facilities/maker'");
  ASSERT_THAT(response, IsOk());
  ASSERT_EQ(response->exposures_size(), 1);
  const v1::Exposure& exposure = response->exposures(0);
  EXPECT_EQ(exposure.mineral(), "minerals/cobalt");
  ASSERT_EQ(exposure.tiers_size(), 6);
  ASSERT_EQ(exposure.tiers(0).shares_size(), 1);
  EXPECT_EQ(exposure.tiers(0).shares(0).name(), "countries/CN");
  EXPECT_DOUBLE_EQ(exposure.tiers(0).shares(0).verified(), 0.5);
  EXPECT_DOUBLE_EQ(exposure.tiers(0).unknown(), 0.5);
  EXPECT_EQ(exposure.tiers(1).shares(0).name(), "countries/CD");
  EXPECT_DOUBLE_EQ(exposure.tiers(1).shares(0).verified(), 0.375);
  EXPECT_DOUBLE_EQ(exposure.tiers(2).own(), 0.375);
}

TEST_F(ChainApiTest, GroupsBySupplierAndFacilityAndAsksForARequirement) {
  pair_.Put(PublicChain());
  const auto suppliers = Exposures("subject: 'requirements/c' group_by: GROUP_BY_SUPPLIER");
  ASSERT_THAT(suppliers, IsOk());
  ASSERT_EQ(suppliers->exposures_size(), 1);
  EXPECT_EQ(suppliers->exposures(0).product(), "sulphate");
  EXPECT_EQ(suppliers->exposures(0).tiers(1).shares(0).name(), "suppliers/a");
  const auto facilities = Exposures("subject: 'suppliers/c' group_by: GROUP_BY_FACILITY");
  EXPECT_EQ(facilities->exposures(0).tiers(1).shares(0).name(), "suppliers/a/facilities/mine");
  EXPECT_DOUBLE_EQ(facilities->exposures(0).tiers(1).shares(0).verified(), 0.375);
}

TEST_F(ChainApiTest, PagesGoOnAfterTheLastAndBelongToTheirCaller) {
  pair_.Put(PublicChain());
  pair_.Put({Named("facility", "suppliers/c/facilities/second", Input("sulphate", 1, 1))});
  const auto first = Exposures("subject: 'suppliers/c' page_size: 1");
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->exposures(0).name(), "suppliers/c/facilities/maker");
  const std::string token = absl::StrCat(" page_token: '", first->next_page_token(), "'");
  const auto second = Exposures(absl::StrCat("subject: 'suppliers/c' page_size: 5", token));
  ASSERT_EQ(second->exposures_size(), 1);
  EXPECT_EQ(second->exposures(0).name(), "suppliers/c/facilities/second");
  EXPECT_EQ(second->next_page_token(), "");
  EXPECT_THAT(Exposures(absl::StrCat("subject: 'suppliers/c'", token), "alice"), BlamesField("page_token"));
  EXPECT_THAT(Exposures(absl::StrCat("subject: 'suppliers/b'", token)), BlamesField("page_token"));
  EXPECT_THAT(Exposures("subject: 'suppliers/c' page_token: 'rubbish!'"), BlamesField("page_token"));
}

TEST_F(ChainApiTest, ShowsThePathsTheFailurePointsAndWhoElseCouldSupply) {
  pair_.Put(PublicChain());
  pair_.Put({Named("supplier", "suppliers/d", ""),
             Named("facility", "suppliers/d/facilities/other",
                   Output("STAGE_REFINE", "sulphate", "spare_capacity_tonnes_per_year: 7 "))});
  const std::string maker = "subject: 'suppliers/c/facilities/maker' mineral: 'minerals/cobalt' ";
  const auto paths =
      pair_.Ask(&v1::Risk::Stub::ListSupplyPaths, absl::StrCat(maker, "tier: 2 country: 'countries/CD'"));
  ASSERT_THAT(paths, IsOk());
  ASSERT_EQ(paths->paths_size(), 1);
  EXPECT_EQ(paths->paths(0).links(1), "links/1");
  EXPECT_EQ(paths->paths(0).source(), "suppliers/a/facilities/mine");
  EXPECT_TRUE(paths->paths(0).verified());
  EXPECT_DOUBLE_EQ(paths->paths(0).share(), 0.375);
  const auto points = pair_.Ask(&v1::Risk::Stub::ListFailurePoints, maker);
  ASSERT_THAT(points, IsOk());
  ASSERT_EQ(points->points_size(), 2);
  EXPECT_EQ(points->points(0).name(), "suppliers/b/facilities/refinery");
  EXPECT_FALSE(points->points(0).certain());
  const auto others = pair_.Ask(&v1::Risk::Stub::ListAlternatives, absl::StrCat(maker, "product: 'sulphate'"));
  ASSERT_THAT(others, IsOk());
  ASSERT_EQ(others->alternatives_size(), 1);
  EXPECT_EQ(others->alternatives(0).facility(), "suppliers/d/facilities/other");
  EXPECT_EQ(others->alternatives(0).spare_capacity_tonnes_per_year(), 7);
}

TEST_F(ChainApiTest, CountsTheDaysToTheFirstShortage) {
  pair_.Put(PublicChain());
  const auto after = [this](const std::string& request) {
    return pair_.Ask(&v1::Risk::Stub::GetTimeToSurvive, request);
  };
  const std::string mine = "subject: 'requirements/c' lost: 'suppliers/a' outage_days: 90";
  auto days = after(mine);
  ASSERT_THAT(days, IsOk());
  EXPECT_FALSE(days->has_days());
  EXPECT_DOUBLE_EQ(days->earliest_days(), 20);
  EXPECT_DOUBLE_EQ(days->latest_days(), 30);
  EXPECT_EQ(days->completeness().state(), type::v1::Completeness::STATE_UNSET);
  EXPECT_THAT(days->completeness().reasons(), ::testing::ElementsAre("SOURCES_UNKNOWN"));
  EXPECT_DOUBLE_EQ(days->lost_tonnes().lower(), 60 * 5);
  EXPECT_DOUBLE_EQ(days->lost_tonnes().upper(), 70 * 5);
  const std::string australia = "subject: 'suppliers/c/facilities/maker' lost: 'countries/AU' outage_days: 9";
  days = after(australia);
  ASSERT_THAT(days, IsOk());
  EXPECT_FALSE(days->never());
  EXPECT_FALSE(days->has_latest_days());
  EXPECT_THAT(days->completeness().reasons(), ::testing::ElementsAre("SOURCES_UNKNOWN", "NO_REQUIREMENT"));
  EXPECT_FALSE(days->lost_tonnes().has_upper());
  pair_.Put({Link("1", "a/facilities/mine", "b/facilities/refinery", "ore", "share: 1"),
             Link("2", "b/facilities/refinery", "c/facilities/maker", "sulphate", "share: 1")});
  days = after(mine);
  EXPECT_DOUBLE_EQ(days->days(), 30);
  EXPECT_EQ(days->completeness().state(), type::v1::Completeness::STATE_COMPLETE);
  EXPECT_DOUBLE_EQ(days->lost_tonnes().upper(), 60 * 5);
  EXPECT_TRUE(after(australia)->never());
}

TEST_F(ChainApiTest, NamesWhatIsWrongWithARequest) {
  pair_.Put(PublicChain());
  pair_.Put({Named("requirement", "requirements/korea", "holder: 'countries/KR' mineral: 'minerals/cobalt'")});
  EXPECT_THAT(Exposures(""), BlamesField("subject"));
  EXPECT_THAT(Exposures("subject: 'minerals/cobalt'"), BlamesField("subject"));
  EXPECT_THAT(Exposures("subject: 'suppliers/c' page_size: -1"), BlamesField("page_size"));
  EXPECT_THAT(Exposures("subject: 'suppliers/c' group_by: 9"), BlamesField("group_by"));
  EXPECT_THAT(Exposures("subject: 'suppliers/c' mineral: 'cobalt'"), BlamesField("mineral"));
  EXPECT_THAT(Exposures("subject: 'requirements/c' product: 'ore'"), BlamesField("product"));
  EXPECT_THAT(Exposures("subject: 'suppliers/zz'"), HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(Exposures("subject: 'suppliers/c' mineral: 'minerals/zz'"),
              HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(Exposures("subject: 'requirements/korea'"),
              HasError(absl::StatusCode::kFailedPrecondition, "HOLDER_WITHOUT_CHAIN"));
  const std::string maker = "subject: 'suppliers/c/facilities/maker' mineral: 'minerals/cobalt' ";
  EXPECT_THAT(pair_.Ask(&v1::Risk::Stub::ListSupplyPaths, maker), BlamesField("tier"));
  EXPECT_THAT(pair_.Ask(&v1::Risk::Stub::ListSupplyPaths, absl::StrCat(maker, "tier: 1 country: 'KR'")),
              BlamesField("country"));
  EXPECT_THAT(pair_.Ask(&v1::Risk::Stub::ListAlternatives, maker), BlamesField("product"));
  EXPECT_THAT(pair_.Ask(&v1::Risk::Stub::GetTimeToSurvive, "subject: 'suppliers/c' lost: 'nowhere'"),
              BlamesField("lost"));
  EXPECT_THAT(
      pair_.Ask(&v1::Risk::Stub::GetTimeToSurvive, "subject: 'suppliers/c' lost: 'suppliers/a' outage_days: -1"),
      BlamesField("outage_days"));
}

// Two owners hang chains of their own on the public one.
std::vector<std::string> AlicesChain() {
  return {Named("supplier", "suppliers/alices", kAlices),
          Named("facility", "suppliers/alices/facilities/plant",
                absl::StrCat("country: 'countries/FI' ", Input("ore", 1, 9), Output("STAGE_REFINE", "sulphate"))),
          Link("0-alice", "alices/facilities/plant", "c/facilities/maker", "sulphate",
               absl::StrCat("share: 0.2 ", kAlices)),
          Link("1-alice", "a/facilities/mine", "alices/facilities/plant", "ore", absl::StrCat("share: 1 ", kAlices)),
          Named("requirement", "requirements/alices",
                absl::StrCat("holder: 'suppliers/c' mineral: 'minerals/cobalt' product: 'ore' ", kAlices))};
}
std::vector<std::string> BobsChain() {
  return {Named("supplier", "suppliers/bobs", kBobs),
          Named("facility", "suppliers/bobs/facilities/plant",
                absl::StrCat("country: 'countries/AU' ", Output("STAGE_REFINE", "sulphate"))),
          Link("1-bob", "bobs/facilities/plant", "c/facilities/maker", "sulphate", absl::StrCat("share: 0.1 ", kBobs)),
          Link("2-bob", "bobs/facilities/plant", "b/facilities/refinery", "ore", absl::StrCat("share: 0.25 ", kBobs)),
          Link("3-bob", "c/facilities/maker", "bobs/facilities/plant", "scrap", kBobs)};
}

std::string Told(const absl::Status& status) { return absl::StrCat(status.ToString(), ErrorReason(status)); }

// Every answer to a caller, as text; what differs between two histories by its nature is blotted out.
std::string AllAnswers(Pair& pair, const std::string& principal, const Follower* of = nullptr) {
  std::string text;
  const auto ask = [&](auto method, const std::string& request) {
    const auto answer = pair.Ask(method, request, principal, of);
    absl::StrAppend(&text, request, "\n", answer.ok() ? answer->DebugString() : Told(answer.status()), "\n");
  };
  const std::vector<std::string> nodes = {"suppliers/a/facilities/mine",
                                          "suppliers/b/facilities/refinery",
                                          "suppliers/c/facilities/maker",
                                          "suppliers/a",
                                          "suppliers/alices/facilities/plant",
                                          "suppliers/bobs/facilities/plant",
                                          "suppliers/alices",
                                          "suppliers/bobs",
                                          "suppliers/c",
                                          "suppliers/none",
                                          "suppliers/none/facilities/none"};
  for (const std::string& node : nodes) {
    const std::string subject = absl::StrCat("subject: '", node, "' ");
    const std::string at = absl::StrCat(subject, "mineral: 'minerals/cobalt' ");
    for (const char* more : {"", "product: 'sulphate'", "group_by: GROUP_BY_SUPPLIER", "group_by: GROUP_BY_FACILITY"}) {
      ask(&v1::Risk::Stub::ListExposures, absl::StrCat(subject, more));
    }
    for (const int tier : {1, 2, 3, 4, 5, 6}) {
      ask(&v1::Risk::Stub::ListSupplyPaths, absl::StrCat(at, "tier: ", tier));
    }
    ask(&v1::Risk::Stub::ListFailurePoints, at);
    ask(&v1::Risk::Stub::ListAlternatives, absl::StrCat(at, "product: 'sulphate'"));
    for (const std::string& lost : nodes) {
      ask(&v1::Risk::Stub::GetTimeToSurvive, absl::StrCat(subject, "lost: '", lost, "'"));
    }
    ask(&v1::Risk::Stub::GetTimeToSurvive, absl::StrCat(subject, "lost: 'countries/AU' outage_days: 30"));
  }
  for (const char* requirement : {"requirements/c", "requirements/alices", "requirements/none"}) {
    ask(&v1::Risk::Stub::ListExposures, absl::StrCat("subject: '", requirement, "'"));
    ask(&v1::Risk::Stub::GetTimeToSurvive, absl::StrCat("subject: '", requirement, "' lost: 'suppliers/a'"));
  }
  static const std::regex history(R"((lineage: "[^"]*")|(number: [0-9]+))");
  return std::regex_replace(text, history, "~");
}

TEST_F(ChainApiTest, ShowsOfTwoOwnersChainsToEachWhatHeMayReadAndToOthersNothing) {
  Pair without(clock_);
  Pair alices(clock_);
  Pair bobs(clock_);
  for (Pair* pair : {&pair_, &without, &alices, &bobs}) {
    pair->Put(PublicChain());
  }
  pair_.Put(AlicesChain(), "alice");
  pair_.Put(BobsChain(), "bob");
  alices.Put(AlicesChain(), "alice");
  bobs.Put(BobsChain(), "bob");
  EXPECT_EQ(AllAnswers(pair_, "anonymous"), AllAnswers(without, "anonymous"));
  EXPECT_EQ(AllAnswers(pair_, "mallory"), AllAnswers(without, "mallory"));
  EXPECT_EQ(AllAnswers(pair_, "alice"), AllAnswers(alices, "alice"));
  EXPECT_EQ(AllAnswers(pair_, "bob"), AllAnswers(bobs, "bob"));
  EXPECT_EQ(AllAnswers(pair_, "carol"), AllAnswers(bobs, "carol"));
  EXPECT_THAT(AllAnswers(pair_, "alice"), HasSubstr("name: \"suppliers/alices/facilities/plant\""));
  EXPECT_NE(AllAnswers(pair_, "alice"), AllAnswers(pair_, "bob"));
  EXPECT_NE(AllAnswers(pair_, "bob"), AllAnswers(pair_, "anonymous"));
}

TEST_F(ChainApiTest, ASupplierThatIsHiddenLaterTakesItsFacilitiesOutOfSight) {
  pair_.Put(PublicChain());
  EXPECT_THAT(Exposures("subject: 'suppliers/b/facilities/refinery'", "bob"), IsOk());
  pair_.Put({Named("supplier", "suppliers/b", kAlices)}, "alice");
  EXPECT_THAT(Exposures("subject: 'suppliers/b/facilities/refinery'", "bob"),
              HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
  const auto seen = Exposures("subject: 'suppliers/c/facilities/maker'", "bob");
  ASSERT_THAT(seen, IsOk());
  EXPECT_DOUBLE_EQ(seen->exposures(0).tiers(0).unknown(), 1);
  EXPECT_DOUBLE_EQ(Exposures("subject: 'suppliers/c/facilities/maker'", "alice")->exposures(0).tiers(0).unknown(), 0.5);
}

TEST_F(ChainApiTest, WhoLoadsAllAtOnceAnswersAsWhoFollowedEachEdit) {
  pair_.Put(PublicChain());
  pair_.Put(AlicesChain(), "alice");
  pair_.Put(BobsChain(), "bob");
  std::mt19937 random(11);
  const auto below = [&](int end) { return std::uniform_int_distribution<int>(0, end - 1)(random); };
  const std::vector<std::string> nodes = {"a/facilities/mine", "b/facilities/refinery", "c/facilities/maker", "a", "b"};
  for (int step = 1; step <= 120; ++step) {
    const std::string id = absl::StrCat("r", below(15));
    registry::v1::ApplyChangesRequest request;
    auto& mutation = *request.add_mutations();
    mutation.set_operation(registry::v1::Mutation::OPERATION_UPDATE);
    mutation.set_allow_missing(true);
    if (below(5) == 0) {
      *mutation.mutable_entry() =
          ParseProto<registry::v1::Entry>(Named("facility", "suppliers/b/facilities/refinery",
                                                absl::StrCat("country: 'countries/", below(2) == 0 ? "CN" : "FI", "' ",
                                                             Input("ore", 1 + below(9), below(99)))));
    } else {
      const auto node = [&] { return nodes[static_cast<size_t>(below(5))]; };
      *mutation.mutable_entry() = ParseProto<registry::v1::Entry>(
          Link(id, node(), node(), below(2) == 0 ? "ore" : "sulphate",
               absl::StrCat("share: ", 0.05 * below(9), below(3) == 0 ? " visibility { owner: 'alice' }" : "")));
    }
    // A link between a node and itself is refused, and so is what an edit may not do.
    pair_.Apply(request, "alice").IgnoreError();
    if (step % 40 == 0) {
      const auto fresh = pair_.NewFollower();
      for (const char* principal : {"anonymous", "alice", "bob"}) {
        ASSERT_EQ(AllAnswers(pair_, principal), AllAnswers(pair_, principal, fresh.get())) << step;
      }
    }
  }
}

}  // namespace
}  // namespace orewatch::risk
