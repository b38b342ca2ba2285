// The risk service against a registry whose content the test decides.
#include "services/risk/risk_app.h"

#include <mutex>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/matchers.h"
#include "common/testing/serve.h"
#include "common/testing/test_server.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"
#include "tests/testing/fake_registry.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::FakeRegistry;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::Mineral;
using ::orewatch::testing::Production;
using ::orewatch::testing::Set;
using ::orewatch::testing::TestServer;

// Scores of output alone, without an importer.
constexpr int kKeptPerSeries = 3;

class RiskAppTest : public ::testing::Test {
 protected:
  RiskAppTest() : metrics_(std::make_shared<prometheus::Registry>()), app_(RiskConfig(), {clock_, *metrics_}) {
    registry_server_ = orewatch::testing::Serve({&registry_});
    server_ = std::make_unique<TestServer>(std::vector<rpc::Service*>{&app_.service()});
    stub_ = v1::Risk::NewStub(server_->channel());
  }
  ~RiskAppTest() override {
    server_.reset();
    app_.Stop();
    registry_.Close();
    registry_server_->Shutdown();
  }

  // Loads cobalt (50 and 50), tin (one country), and a mineral without data.
  void Load() {
    registry_.Commit(Set(absl::StrCat(Mineral("minerals/cobalt"), Mineral("minerals/tin"), Mineral("minerals/iron"),
                                      Production("minerals/cobalt", "CD", 50), Production("minerals/cobalt", "BR", 50),
                                      Production("minerals/tin", "CN", 1),
                                      R"(changes { after { country { name: "countries/JP" } } })")));
    Follow();
  }
  void Follow() {
    app_.Start(registry_server_->InProcessChannel({}),
               [this] { std::call_once(first_time_, [this] { loaded_.Notify(); }); });
    loaded_.WaitForNotification();
  }

  static v1::ScoreKey Key(const std::string& subject, v1::Method method = v1::METHOD_HHI) {
    v1::ScoreKey key;
    key.set_subject(subject);
    key.set_stage(type::v1::STAGE_MINE);
    key.set_method(method);
    return key;
  }
  absl::StatusOr<v1::Score> Get(const v1::ScoreKey& key, int64_t min_revision = 0,
                                absl::Duration timeout = absl::Seconds(20)) {
    v1::GetScoreRequest request;
    *request.mutable_key() = key;
    request.set_min_revision(min_revision);
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    v1::Score score;
    const absl::Status status = rpc::FromGrpc(stub_->GetScore(&context, request, &score));
    return status.ok() ? absl::StatusOr<v1::Score>(score) : status;
  }
  absl::StatusOr<v1::ListScoresResponse> List(const std::string& token = "", const v1::ScoreKey& filter = {}) {
    v1::ListScoresRequest request;
    request.set_page_size(1);
    request.set_page_token(token);
    *request.mutable_filter() = filter;
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    v1::ListScoresResponse response;
    const absl::Status status = rpc::FromGrpc(stub_->ListScores(&context, request, &response));
    return status.ok() ? absl::StatusOr<v1::ListScoresResponse>(response) : status;
  }

  std::once_flag first_time_;
  absl::Notification loaded_;
  SystemClock clock_;
  std::shared_ptr<prometheus::Registry> metrics_;
  FakeRegistry registry_;
  std::unique_ptr<grpc::Server> registry_server_;
  RiskApp app_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<v1::Risk::Stub> stub_;
};

TEST_F(RiskAppTest, SaysSoUntilTheRegistryHasBeenLoaded) {
  EXPECT_THAT(Get(Key("minerals/cobalt")), HasError(absl::StatusCode::kUnavailable, "NOT_LOADED"));
}

TEST_F(RiskAppTest, AnswersFromTheSnapshotAndSaysWhichRevision) {
  Load();
  const auto score = Get(Key("minerals/cobalt"));
  ASSERT_THAT(score, IsOk());
  EXPECT_DOUBLE_EQ(score->value(), 5000);
  EXPECT_EQ(score->revision().number(), 1);
  EXPECT_EQ(score->revision().lineage(), "first");
  EXPECT_EQ(score->completeness().state(), type::v1::Completeness::STATE_COMPLETE);
}

TEST_F(RiskAppTest, ListsWhatACountryProducesWithItsShare) {
  Load();
  v1::ListScoresRequest request;
  request.set_producer("countries/CD");
  v1::ListScoresResponse response;
  grpc::ClientContext context;
  ASSERT_THAT(rpc::FromGrpc(stub_->ListScores(&context, request, &response)), IsOk());
  ASSERT_EQ(response.scores_size(), 1);
  ASSERT_EQ(response.produced_size(), 1);
  EXPECT_EQ(response.scores(0).key().subject(), "minerals/cobalt");
  EXPECT_EQ(response.scores(0).key().method(), v1::METHOD_HHI);
  EXPECT_EQ(response.produced(0).country(), "CD");
  EXPECT_DOUBLE_EQ(response.produced(0).value(), 0.5);
  request.set_producer("CD");
  grpc::ClientContext again;
  EXPECT_THAT(rpc::FromGrpc(stub_->ListScores(&again, request, &response)), BlamesField("producer"));
}

TEST_F(RiskAppTest, TellsUnknownSubjectsFromSubjectsWithoutData) {
  Load();
  EXPECT_THAT(Get(Key("minerals/unobtainium")), HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
  const auto unset = Get(Key("minerals/iron"));
  ASSERT_THAT(unset, IsOk());
  EXPECT_FALSE(unset->has_value());
  EXPECT_EQ(unset->completeness().state(), type::v1::Completeness::STATE_UNSET);
  EXPECT_GT(unset->completeness().reasons_size(), 0);
}

TEST_F(RiskAppTest, NamesTheFieldsThatAMethodNeeds) {
  Load();
  v1::ScoreKey key = Key("minerals/cobalt", v1::METHOD_EU_SUPPLY_RISK_2017);
  EXPECT_THAT(Get(key), BlamesField("key.importer"));
  key.set_importer("countries/XX");
  EXPECT_THAT(Get(key), HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
  key.set_importer("countries/JP");
  ASSERT_THAT(Get(key), IsOk());
  EXPECT_EQ(Get(key)->completeness().reasons(0), "NO_TRADE");
  EXPECT_THAT(Get(Key("minerals/cobalt", v1::METHOD_UNSPECIFIED)), BlamesField("key.method"));
  key = Key("minerals/cobalt");
  key.clear_stage();
  EXPECT_THAT(Get(key), BlamesField("key.stage"));
}

TEST_F(RiskAppTest, NormalizesOverTheSuppliersOfTheRequest) {
  Load();
  v1::ScoreKey key = Key("minerals/cobalt", v1::METHOD_HHI_NORMALIZED);
  key.set_normalization_n(10);
  const auto score = Get(key);
  ASSERT_THAT(score, IsOk());
  EXPECT_NEAR(score->value(), (0.5 - 0.1) / 0.9, 1e-12);
  EXPECT_EQ(score->key().normalization_n(), 10);
}

TEST_F(RiskAppTest, AReaderSeesItsOwnWriteOrLearnsThatItCannot) {
  Load();
  registry_.Commit(Set(Production("minerals/tin", "ID", 1)));
  const auto score = Get(Key("minerals/tin"), 2);
  ASSERT_THAT(score, IsOk());
  EXPECT_DOUBLE_EQ(score->value(), 5000);
  EXPECT_EQ(score->changed_revision().number(), 2);
  EXPECT_EQ(score->change_cause(), v1::CHANGE_CAUSE_RESTATED);
  EXPECT_EQ(Get(Key("minerals/cobalt"), 2)->changed_revision().number(), 1);
  EXPECT_THAT(Get(Key("minerals/tin"), 9), HasError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD"));
}

TEST_F(RiskAppTest, WaitsForARevisionNoLongerThanTheCaller) {
  Load();
  registry_.PretendHead(1);
  // Short of the caller's own patience, so that the answer arrives before it hangs up.
  EXPECT_THAT(Get(Key("minerals/tin"), 2, absl::Milliseconds(300)),
              ::testing::AnyOf(HasError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED"),
                               HasCode(absl::StatusCode::kDeadlineExceeded)));
  registry_.PretendHead(0);
  registry_.Commit(Set(Production("minerals/tin", "ID", 1)));
  EXPECT_THAT(Get(Key("minerals/tin"), 2), IsOk());
}

TEST_F(RiskAppTest, RefusesToWaitWhenTheRegistryCannotSayWhetherTheRevisionExists) {
  Load();
  registry_.HideHead();
  EXPECT_THAT(Get(Key("minerals/tin"), 2), HasError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED"));
}

TEST_F(RiskAppTest, ACancelledWaitGivesItsPlaceBack) {
  Load();
  registry_.PretendHead(1);
  v1::GetScoreRequest request;
  *request.mutable_key() = Key("minerals/tin");
  request.set_min_revision(2);
  grpc::ClientContext context;
  v1::Score score;
  absl::Notification done;
  stub_->async()->GetScore(&context, &request, &score, [&](const grpc::Status& status) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
    done.Notify();
  });
  const auto in_flight = [&](int count) {
    const std::string line = absl::StrCat("\norewatch_grpc_in_flight ", count, "\n");
    for (const absl::Time give_up = absl::Now() + absl::Seconds(10); absl::Now() < give_up; std::this_thread::yield()) {
      if (absl::StrContains(server_->metrics(), line)) {
        return true;
      }
    }
    return false;
  };
  EXPECT_TRUE(in_flight(1));
  context.TryCancel();
  done.WaitForNotification();
  EXPECT_TRUE(in_flight(0));
}

TEST_F(RiskAppTest, ADrainAnswersWhoeverWaitsForARevision) {
  Load();
  registry_.PretendHead(1);
  absl::Status status;
  std::thread waiting([&] { status = Get(Key("minerals/tin"), 2).status(); });
  while (!absl::StrContains(server_->metrics(), "\norewatch_grpc_in_flight 1\n")) {
    std::this_thread::yield();
  }
  server_->server().Drain(absl::ZeroDuration(), absl::Seconds(20));
  waiting.join();
  EXPECT_THAT(status, HasError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED"));
}

TEST_F(RiskAppTest, PagesShowTheRevisionOfTheFirst) {
  Load();
  const auto first = List();
  ASSERT_THAT(first, IsOk());
  registry_.Commit(Set(Production("minerals/aluminum", "CN", 1)));
  ASSERT_THAT(Get(Key("minerals/tin"), 2), IsOk());
  std::vector<std::string> subjects = {first->scores(0).key().subject()};
  std::string token = first->next_page_token();
  while (!token.empty()) {
    const auto page = List(token);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->revision().number(), 1);
    subjects.push_back(page->scores(0).key().subject());
    token = page->next_page_token();
  }
  std::vector<std::string> expected(kKeptPerSeries, "minerals/cobalt");
  expected.insert(expected.end(), kKeptPerSeries, "minerals/tin");
  EXPECT_EQ(subjects, expected);
  EXPECT_THAT(List(first->next_page_token(), Key("minerals/tin")), BlamesField("page_token"));
  EXPECT_THAT(List("rubbish"), BlamesField("page_token"));
}

TEST_F(RiskAppTest, ForgetsOldPagesAloud) {
  Load();
  const auto first = List();
  ASSERT_THAT(first, IsOk());
  constexpr auto kRevisions = static_cast<int64_t>(RegistryFeed::kKeptSnapshots);
  for (int64_t i = 0; i < kRevisions; ++i) {
    registry_.Commit(Set(Production("minerals/tin", "ID", static_cast<double>(i))));
  }
  ASSERT_THAT(Get(Key("minerals/tin"), kRevisions + 1), IsOk());
  EXPECT_THAT(List(first->next_page_token()), HasError(absl::StatusCode::kFailedPrecondition, "PAGE_TOKEN_EXPIRED"));
}

TEST_F(RiskAppTest, StreamsWhatChangedAndABookmarkForWhatDidNot) {
  Load();
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  const auto reader = stub_->WatchScores(&context, {});
  v1::WatchScoresResponse message;
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.scores_size(), 2 * kKeptPerSeries);
  EXPECT_EQ(message.bookmark().number(), 1);
  registry_.Commit(Set(Mineral("minerals/zinc")));
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.scores_size(), 0);
  EXPECT_EQ(message.bookmark().number(), 2);
  registry_.Commit(Set(Production("minerals/tin", "ID", 1) + Production("minerals/tin", "MM", 1)));
  ASSERT_TRUE(reader->Read(&message));
  ASSERT_EQ(message.scores_size(), kKeptPerSeries);
  EXPECT_EQ(message.scores(0).key().subject(), "minerals/tin");
  EXPECT_NEAR(message.scores(0).value(), 10'000.0 / 3, 1e-9);
  EXPECT_EQ(message.bookmark().number(), 3);
  context.TryCancel();
}

TEST_F(RiskAppTest, AWatcherWhoIsBehindGetsEachKeptRevisionWithItsTime) {
  Load();
  for (int i = 1; i <= 3; ++i) {
    registry_.Commit(Set(Production("minerals/tin", "ID", i)));
  }
  ASSERT_THAT(Get(Key("minerals/tin"), 4), IsOk());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  v1::WatchScoresRequest request;
  request.mutable_after()->set_lineage("first");
  request.mutable_after()->set_number(1);
  const auto reader = stub_->WatchScores(&context, request);
  v1::WatchScoresResponse message;
  for (int64_t revision = 2; revision <= 4; ++revision) {
    ASSERT_TRUE(reader->Read(&message));
    EXPECT_EQ(message.bookmark().number(), revision);
    EXPECT_EQ(message.commit_time().seconds(), FakeRegistry::kEpoch + revision);
    ASSERT_EQ(message.scores_size(), kKeptPerSeries);
    EXPECT_EQ(message.scores(0).changed_revision().number(), revision);
  }
  context.TryCancel();
}

TEST_F(RiskAppTest, AWatcherFromBeforeWhatIsKeptGetsItMerged) {
  Load();
  constexpr auto kRevisions = static_cast<int64_t>(RegistryFeed::kKeptSnapshots);
  for (int64_t i = 0; i <= kRevisions; ++i) {
    registry_.Commit(Set(Production("minerals/tin", "ID", static_cast<double>(i))));
  }
  ASSERT_THAT(Get(Key("minerals/tin"), kRevisions + 2), IsOk());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  v1::WatchScoresRequest request;
  request.mutable_after()->set_lineage("first");
  request.mutable_after()->set_number(1);
  v1::WatchScoresResponse message;
  const auto reader = stub_->WatchScores(&context, request);
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.bookmark().number(), kRevisions + 2);
  EXPECT_EQ(message.scores_size(), kKeptPerSeries);
  context.TryCancel();
}

TEST_F(RiskAppTest, TellsAWatcherFromBeforeItsLoadWhatThereIsAndThatTheRestIsGone) {
  registry_.Commit(Set(Mineral("minerals/tin") + Production("minerals/tin", "CN", 1)));
  registry_.Commit(Set(Production("minerals/cobalt", "CD", 1)));
  Follow();
  const auto first_of = [this](const std::string& lineage, int64_t after) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    v1::WatchScoresRequest request;
    request.mutable_after()->set_lineage(lineage);
    request.mutable_after()->set_number(after);
    v1::WatchScoresResponse message;
    const auto reader = stub_->WatchScores(&context, request);
    EXPECT_TRUE(reader->Read(&message));
    context.TryCancel();
    return message;
  };
  for (const auto& behind : {first_of("first", 1), first_of("another", 9), first_of("", 0)}) {
    EXPECT_TRUE(behind.complete());
    EXPECT_EQ(behind.bookmark().number(), 2);
    ASSERT_EQ(behind.scores_size(), 2 * kKeptPerSeries);
    EXPECT_EQ(behind.scores(0).changed_revision().number(), 2);
    EXPECT_EQ(behind.scores(0).change_cause(), v1::CHANGE_CAUSE_UNSPECIFIED);
  }
  registry_.Commit(Set(Production("minerals/tin", "ID", 1)));
  ASSERT_THAT(Get(Key("minerals/tin"), 3), IsOk());
  const auto following = first_of("first", 2);
  EXPECT_FALSE(following.complete());
  EXPECT_EQ(following.scores_size(), kKeptPerSeries);
}

TEST_F(RiskAppTest, LoadsAgainWhenTheHistoryIsAnother) {
  Load();
  for (int i = 0; i < 3; ++i) {
    registry_.Commit(Set(Production("minerals/tin", "ID", i)));
  }
  ASSERT_THAT(Get(Key("minerals/tin"), 4), IsOk());
  registry_.Restore(Set(absl::StrCat(Mineral("minerals/cobalt"), Production("minerals/cobalt", "CD", 1))));
  absl::StatusOr<v1::Score> score;
  do {
    score = Get(Key("minerals/cobalt"));
    ASSERT_THAT(score, IsOk());
  } while (score->revision().lineage() != "second");
  EXPECT_DOUBLE_EQ(score->value(), 10'000);
  EXPECT_THAT(Get(Key("minerals/cobalt"), 4), HasError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD"));
}

TEST_F(RiskAppTest, ExplainsEveryFigureWithItsSource) {
  Load();
  v1::ExplainScoreRequest request;
  *request.mutable_key() = Key("minerals/cobalt");
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  v1::ScoreExplanation explanation;
  ASSERT_TRUE(stub_->ExplainScore(&context, request, &explanation).ok());
  ASSERT_EQ(explanation.inputs_size(), 2);
  EXPECT_EQ(explanation.inputs(0).country(), "BR");
  EXPECT_DOUBLE_EQ(explanation.inputs(0).contribution(), 2500);
  EXPECT_EQ(explanation.inputs(0).quantity().tonnes(), 50);
  EXPECT_EQ(explanation.inputs(0).provenance().source(), "the source");
  EXPECT_NE(explanation.formula(), "");
  EXPECT_EQ(explanation.scale(), "0 to 10000");
  ASSERT_EQ(explanation.assumptions_size(), 1);
  EXPECT_THAT(explanation.assumptions(0), ::testing::HasSubstr("infinitely split"));
}

TEST_F(RiskAppTest, ExplainsTheLargestContributionFirst) {
  Load();
  registry_.Commit(Set(Production("minerals/cobalt", "ZM", 70)));
  v1::ExplainScoreRequest request;
  *request.mutable_key() = Key("minerals/cobalt");
  request.set_min_revision(2);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  v1::ScoreExplanation explanation;
  ASSERT_TRUE(stub_->ExplainScore(&context, request, &explanation).ok());
  ASSERT_EQ(explanation.inputs_size(), 3);
  EXPECT_EQ(explanation.inputs(0).country(), "ZM");
  EXPECT_EQ(explanation.inputs(1).country(), "BR");
}

TEST_F(RiskAppTest, TellsOperatorsHowFarItIs) {
  Load();
  const std::string text = prometheus::TextSerializer().Serialize(metrics_->Collect());
  EXPECT_THAT(text, ::testing::HasSubstr("orewatch_risk_applied_revision 1"));
  EXPECT_THAT(text, ::testing::HasSubstr("orewatch_risk_registry_revision_lag 0"));
  EXPECT_THAT(text, ::testing::HasSubstr("orewatch_risk_subjects{band=\"severe\"} 2"));
}

}  // namespace
}  // namespace orewatch::risk
