// What the risk service remembers, through its own interface, on each engine.
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/matchers.h"
#include "common/testing/serve.h"
#include "common/testing/temp_dir.h"
#include "common/testing/test_server.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"
#include "services/risk/risk_app.h"
#include "tests/testing/fake_registry.h"
#include "tests/testing/postgres_server.h"

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
using ::orewatch::testing::SharedPostgresServer;
using ::orewatch::testing::TestServer;
using ::testing::ElementsAre;

// One process of the service.
class Replica {
 public:
  Replica(const RiskConfig& config, const std::shared_ptr<grpc::Channel>& registry) {
    auto app = RiskApp::Create(config, {clock_, metrics_});
    EXPECT_THAT(app, IsOk());
    app_ = *std::move(app);
    server_ = std::make_unique<TestServer>(std::vector<rpc::Service*>{&app_->service()});
    stub_ = v1::Risk::NewStub(server_->channel());
    app_->Start(registry, [this] {
      if (!loaded_.HasBeenNotified()) {
        loaded_.Notify();
      }
    });
    loaded_.WaitForNotification();
  }
  ~Replica() {
    server_.reset();
    app_->Stop();
  }

  absl::StatusOr<v1::ListScoreHistoryResponse> List(const v1::ListScoreHistoryRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    v1::ListScoreHistoryResponse response;
    const absl::Status status = rpc::FromGrpc(stub_->ListScoreHistory(&context, request, &response));
    return status.ok() ? absl::StatusOr<v1::ListScoreHistoryResponse>(response) : status;
  }
  absl::StatusOr<v1::ListScoreYearsResponse> Years(const v1::ListScoreYearsRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    v1::ListScoreYearsResponse response;
    const absl::Status status = rpc::FromGrpc(stub_->ListScoreYears(&context, request, &response));
    return status.ok() ? absl::StatusOr<v1::ListScoreYearsResponse>(response) : status;
  }
  absl::StatusOr<v1::ScoreExplanation> Explain(const v1::ExplainScoreRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    v1::ScoreExplanation response;
    const absl::Status status = rpc::FromGrpc(stub_->ExplainScore(&context, request, &response));
    return status.ok() ? absl::StatusOr<v1::ScoreExplanation>(response) : status;
  }

 private:
  SystemClock clock_;
  prometheus::Registry metrics_;
  absl::Notification loaded_;
  std::unique_ptr<RiskApp> app_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<v1::Risk::Stub> stub_;
};

class RiskHistoryTest : public ::testing::TestWithParam<std::string> {
 protected:
  RiskHistoryTest() {
    config_.data_dir = dir_ / "history";
    if (GetParam() == "Postgres") {
      config_.database = SharedPostgresServer().Address(SharedPostgresServer().CreateDatabase());
    }
    config_.history_poll = absl::Milliseconds(5);
    server_ = orewatch::testing::Serve({&registry_});
    // 50 and 50.
    registry_.Commit(Set(absl::StrCat(Mineral("minerals/cobalt"), Mineral("minerals/iron"),
                                      Production("minerals/cobalt", "CD", 50), Production("minerals/cobalt", "AU", 50),
                                      R"(changes { after { country { name: "countries/JP" } } })")));
  }
  ~RiskHistoryTest() override {
    registry_.Close();
    server_->Shutdown();
  }

  std::unique_ptr<Replica> Start() { return std::make_unique<Replica>(config_, server_->InProcessChannel({})); }
  static v1::ListScoreHistoryRequest Of(const std::string& subject, int64_t min_revision = 0) {
    v1::ListScoreHistoryRequest request;
    request.mutable_key()->set_subject(subject);
    request.mutable_key()->set_stage(type::v1::STAGE_MINE);
    request.mutable_key()->set_method(v1::METHOD_HHI);
    request.set_min_revision(min_revision);
    return request;
  }
  static v1::ExplainScoreRequest Since(int64_t revision, int64_t min_revision) {
    v1::ExplainScoreRequest request;
    *request.mutable_key() = Of("minerals/cobalt").key();
    request.set_since_revision(revision);
    request.set_min_revision(min_revision);
    return request;
  }
  // Each revision is recorded before the next is written.
  void Change(Replica& replica, int64_t revision, const std::string& country, double tonnes) {
    registry_.Commit(Set(Production("minerals/cobalt", country, tonnes)));
    ASSERT_THAT(replica.List(Of("minerals/cobalt", revision)), IsOk());
  }
  static std::vector<int64_t> RevisionsOf(const v1::ListScoreHistoryResponse& response) {
    std::vector<int64_t> revisions;
    for (const v1::ScoreRecord& record : response.records()) {
      revisions.push_back(record.score().changed_revision().number());
    }
    return revisions;
  }

  const orewatch::testing::TempDir dir_;
  RiskConfig config_;
  FakeRegistry registry_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_P(RiskHistoryTest, ListsWhatAScoreHasBeenAndWhy) {
  const auto risk = Start();
  ASSERT_THAT(risk->List(Of("minerals/cobalt", 1)), IsOk());
  Change(*risk, 2, "CD", 150);
  registry_.Commit(Set(Mineral("minerals/zinc")));
  const auto history = risk->List(Of("minerals/cobalt", 3));
  ASSERT_THAT(history, IsOk());
  EXPECT_EQ(history->revision().number(), 3);
  ASSERT_THAT(RevisionsOf(*history), ElementsAre(2, 1));
  const v1::ScoreRecord& newest = history->records(0);
  EXPECT_DOUBLE_EQ(newest.score().value(), 6250);
  EXPECT_EQ(newest.score().change_cause(), v1::CHANGE_CAUSE_RESTATED);
  EXPECT_EQ(newest.score().reference_year(), 2024);
  EXPECT_EQ(newest.score().edition(), "hhi");
  EXPECT_EQ(newest.score().parameter_set(), "default");
  EXPECT_EQ(newest.score().band(), v1::BAND_SEVERE);
  EXPECT_EQ(newest.score().completeness().state(), type::v1::Completeness::STATE_COMPLETE);
  EXPECT_EQ(newest.score().revision().lineage(), "first");
  EXPECT_EQ(newest.commit_time().seconds(), FakeRegistry::kEpoch + 2);
  EXPECT_EQ(history->records(1).score().change_cause(), v1::CHANGE_CAUSE_UNSPECIFIED);
  EXPECT_THAT(risk->List(Of("minerals/iron")), HasError(absl::StatusCode::kFailedPrecondition, "SCORE_NOT_KEPT"));
}

TEST_P(RiskHistoryTest, ListsByPageAndTimeInEitherOrder) {
  const auto risk = Start();
  for (int64_t revision = 2; revision <= 5; ++revision) {
    Change(*risk, revision, "CD", static_cast<double>(50 + revision));
  }
  for (const bool oldest_first : {false, true}) {
    v1::ListScoreHistoryRequest request = Of("minerals/cobalt");
    request.set_oldest_first(oldest_first);
    request.set_page_size(2);
    std::vector<int64_t> revisions;
    do {
      const auto page = risk->List(request);
      ASSERT_THAT(page, IsOk());
      EXPECT_LE(page->records_size(), 2);
      const auto more = RevisionsOf(*page);
      revisions.insert(revisions.end(), more.begin(), more.end());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(revisions, oldest_first ? std::vector<int64_t>({1, 2, 3, 4, 5}) : std::vector<int64_t>({5, 4, 3, 2, 1}));
  }
  v1::ListScoreHistoryRequest range = Of("minerals/cobalt");
  range.mutable_start_time()->set_seconds(FakeRegistry::kEpoch + 2);
  range.mutable_end_time()->set_seconds(FakeRegistry::kEpoch + 4);
  EXPECT_THAT(RevisionsOf(*risk->List(range)), ElementsAre(3, 2));
}

TEST_P(RiskHistoryTest, NamesWhatCannotBeMeant) {
  const auto risk = Start();
  v1::ListScoreHistoryRequest request = Of("minerals/cobalt");
  request.set_page_size(-1);
  EXPECT_THAT(risk->List(request), BlamesField("page_size"));
  request = Of("minerals/cobalt");
  request.mutable_key()->clear_method();
  EXPECT_THAT(risk->List(request), BlamesField("key.method"));
  request = Of("minerals/cobalt");
  EXPECT_THAT(risk->List(Of("minerals/nope")), HasError(absl::StatusCode::kFailedPrecondition, "SCORE_NOT_KEPT"));
  request.mutable_key()->set_subject(std::string(5000, 'x'));
  EXPECT_THAT(risk->List(request), BlamesField("key.subject"));
  request = Of("minerals/cobalt");
  request.set_page_token("rubbish");
  EXPECT_THAT(risk->List(request), BlamesField("page_token"));
  Change(*risk, 2, "CD", 150);
  request = Of("minerals/cobalt");
  request.set_page_size(1);
  request.set_page_token(risk->List(request)->next_page_token());
  request.set_oldest_first(true);
  EXPECT_THAT(risk->List(request), BlamesField("page_token"));
  EXPECT_THAT(risk->List(Of("minerals/cobalt", 9)), HasError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD"));
  EXPECT_THAT(risk->Explain(Since(9, 2)), HasError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD"));
  EXPECT_THAT(risk->Explain(Since(-1, 2)), BlamesField("since_revision"));
  v1::ExplainScoreRequest computed = Since(1, 2);
  computed.mutable_key()->set_method(v1::METHOD_HHI_NORMALIZED);
  EXPECT_THAT(risk->Explain(computed), HasError(absl::StatusCode::kFailedPrecondition, "SCORE_NOT_KEPT"));
}

TEST_P(RiskHistoryTest, ExplainsEachStepSinceARevisionAndTheWhole) {
  const auto risk = Start();
  ASSERT_THAT(risk->List(Of("minerals/cobalt", 1)), IsOk());
  Change(*risk, 2, "CD", 150);
  Change(*risk, 3, "ZM", 200);
  const auto explanation = risk->Explain(Since(1, 3));
  ASSERT_THAT(explanation, IsOk());
  const v1::ScoreChanges& changes = explanation->changes();
  EXPECT_EQ(changes.since_revision(), 1);
  EXPECT_FALSE(changes.has_begins());
  ASSERT_EQ(changes.steps_size(), 2);
  EXPECT_EQ(changes.steps(0).after().score().changed_revision().number(), 3);
  const v1::ScoreChange& first = changes.steps(1);
  EXPECT_EQ(first.cause(), v1::CHANGE_CAUSE_RESTATED);
  EXPECT_DOUBLE_EQ(first.before().score().value(), 5000);
  EXPECT_DOUBLE_EQ(first.after().score().value(), 6250);
  EXPECT_DOUBLE_EQ(first.effect(), 1250);
  // The Congo's figure moved the score; Australia's share moved with it.
  ASSERT_EQ(first.inputs_size(), 2);
  EXPECT_TRUE(first.inputs(0).driver());
  EXPECT_EQ(first.inputs(0).after().country(), "CD");
  EXPECT_EQ(first.inputs(0).before().quantity().tonnes(), 50);
  EXPECT_EQ(first.inputs(0).after().quantity().tonnes(), 150);
  EXPECT_DOUBLE_EQ(first.inputs(0).effect(), 5625 - 2500);
  EXPECT_FALSE(first.inputs(1).driver());
  EXPECT_DOUBLE_EQ(first.inputs(1).effect(), 625 - 2500);
  EXPECT_DOUBLE_EQ(changes.overall().before().score().value(), 5000);
  EXPECT_DOUBLE_EQ(changes.overall().effect(), explanation->score().value() - 5000);
  EXPECT_EQ(risk->Explain(Since(2, 3))->changes().steps_size(), 1);
  EXPECT_FALSE(risk->Explain(Since(3, 3))->changes().has_overall());
}

TEST_P(RiskHistoryTest, ExplainsAChangeBeforeItIsRecorded) {
  const auto risk = Start();
  ASSERT_THAT(risk->List(Of("minerals/cobalt", 1)), IsOk());
  for (int64_t revision = 2; revision <= 20; ++revision) {
    registry_.Commit(Set(Production("minerals/cobalt", "CD", static_cast<double>(50 + revision))));
    const auto explanation = risk->Explain(Since(revision - 1, revision));
    ASSERT_THAT(explanation, IsOk());
    ASSERT_TRUE(explanation->changes().has_overall()) << revision;
    EXPECT_EQ(explanation->changes().overall().after().score().value(), explanation->score().value());
  }
}

TEST_P(RiskHistoryTest, SaysWhereHistoryBegins) {
  registry_.Commit(Set(Production("minerals/cobalt", "CD", 60)));
  const auto risk = Start();
  ASSERT_THAT(risk->List(Of("minerals/cobalt", 2)), IsOk());
  Change(*risk, 3, "CD", 150);
  const auto explanation = risk->Explain(Since(1, 3));
  ASSERT_THAT(explanation, IsOk());
  EXPECT_EQ(explanation->changes().begins().number(), 2);
  EXPECT_EQ(explanation->changes().steps_size(), 1);
  EXPECT_EQ(explanation->changes().overall().before().score().changed_revision().number(), 2);
}

TEST_P(RiskHistoryTest, RemembersAcrossRestartsAndSaysWhatChangedMeanwhile) {
  {
    const auto risk = Start();
    ASSERT_THAT(risk->List(Of("minerals/cobalt", 1)), IsOk());
  }
  registry_.Commit(Set(Production("minerals/cobalt", "ZM", 10)));
  registry_.Commit(Set(Production("minerals/cobalt", "ZM", 50)));
  const auto risk = Start();
  const auto history = risk->List(Of("minerals/cobalt", 3));
  ASSERT_THAT(history, IsOk());
  EXPECT_THAT(RevisionsOf(*history), ElementsAre(3, 1));
  const auto explanation = risk->Explain(Since(1, 3));
  ASSERT_THAT(explanation, IsOk());
  EXPECT_EQ(explanation->changes().overall().cause(), v1::CHANGE_CAUSE_RESTATED);
  EXPECT_EQ(explanation->changes().overall().inputs(0).after().country(), "ZM");
}

TEST_P(RiskHistoryTest, ANewParameterSetIsAChangeOfMethod) {
  {
    const auto risk = Start();
    ASSERT_THAT(risk->List(Of("minerals/cobalt", 1)), IsOk());
  }
  config_.parameters.name = "strict";
  const auto risk = Start();
  absl::StatusOr<v1::ListScoreHistoryResponse> history;
  do {
    history = risk->List(Of("minerals/cobalt"));
    ASSERT_THAT(history, IsOk());
  } while (history->records_size() < 2);
  EXPECT_EQ(history->records(0).score().change_cause(), v1::CHANGE_CAUSE_METHOD);
  EXPECT_EQ(history->records(0).score().parameter_set(), "strict");
  EXPECT_EQ(history->records(1).score().parameter_set(), "default");
}

TEST_P(RiskHistoryTest, WhatARestoreLostIsMarked) {
  const auto risk = Start();
  ASSERT_THAT(risk->List(Of("minerals/cobalt", 1)), IsOk());
  Change(*risk, 2, "CD", 150);
  registry_.Restore(Set(absl::StrCat(Mineral("minerals/cobalt"), Production("minerals/cobalt", "CD", 1))));
  v1::ListScoreHistoryRequest request = Of("minerals/cobalt");
  absl::StatusOr<v1::ListScoreHistoryResponse> history;
  do {
    history = risk->List(request);
    ASSERT_THAT(history, IsOk());
  } while (history->revision().lineage() != "second" || history->records_size() == 0);
  EXPECT_EQ(history->records_size(), 1);
  EXPECT_DOUBLE_EQ(history->records(0).score().value(), 10'000);
  request.set_show_superseded(true);
  history = risk->List(request);
  ASSERT_THAT(history, IsOk());
  ASSERT_EQ(history->records_size(), 3);
  EXPECT_FALSE(history->records(0).superseded());
  EXPECT_EQ(history->records(0).score().revision().lineage(), "second");
  EXPECT_TRUE(history->records(1).superseded());
  EXPECT_EQ(history->records(1).score().revision().lineage(), "first");
  EXPECT_DOUBLE_EQ(history->records(1).score().value(), 6250);
}

TEST_P(RiskHistoryTest, ReplicasShareAHistory) {
  if (GetParam() != "Postgres") {
    GTEST_SKIP() << "a file belongs to one machine";
  }
  const auto one = Start();
  auto two = Start();
  for (int64_t revision = 2; revision <= 6; ++revision) {
    registry_.Commit(Set(Production("minerals/cobalt", "CD", static_cast<double>(50 + revision))));
    for (Replica* replica : {one.get(), two.get()}) {
      const auto history = replica->List(Of("minerals/cobalt", revision));
      ASSERT_THAT(history, IsOk());
      EXPECT_EQ(RevisionsOf(*history).front(), revision);
    }
  }
  EXPECT_EQ(one->List(Of("minerals/cobalt"))->records_size(), two->List(Of("minerals/cobalt"))->records_size());
}

TEST_P(RiskHistoryTest, GoesOnWhenItsDatabaseComesBack) {
  if (GetParam() != "Postgres") {
    GTEST_SKIP() << "a file has no server";
  }
  const auto risk = Start();
  Change(*risk, 2, "CD", 150);
  SharedPostgresServer().Kill();
  registry_.Commit(Set(Production("minerals/cobalt", "CD", 250)));
  EXPECT_THAT(risk->List(Of("minerals/cobalt")), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_THAT(risk->Explain(Since(0, 3)), IsOk());
  ASSERT_THAT(SharedPostgresServer().StartAgain(), IsOk());
  const auto history = risk->List(Of("minerals/cobalt", 3));
  ASSERT_THAT(history, IsOk());
  EXPECT_THAT(RevisionsOf(*history), ElementsAre(3, 2, 1));
}

TEST_P(RiskHistoryTest, ListsWhatAScoreIsForEachYear) {
  config_ = RiskConfig();
  registry_.Commit(Set(Production("minerals/cobalt", "CD", 9, 2022)));
  const auto risk = Start();
  v1::ListScoreYearsRequest request;
  *request.mutable_key() = Of("minerals/cobalt").key();
  const auto years = risk->Years(request);
  ASSERT_THAT(years, IsOk());
  ASSERT_EQ(years->scores_size(), 2);
  EXPECT_EQ(years->scores(0).reference_year(), 2022);
  EXPECT_DOUBLE_EQ(years->scores(0).value(), 10'000);
  EXPECT_EQ(years->scores(1).reference_year(), 2024);
  EXPECT_DOUBLE_EQ(years->scores(1).value(), 5000);
  EXPECT_EQ(years->revision().number(), 2);
  request.set_last_year(2023);
  EXPECT_EQ(risk->Years(request)->scores_size(), 1);
  request.set_first_year(2024);
  EXPECT_THAT(risk->Years(request), BlamesField("last_year"));
  request.mutable_key()->set_subject("minerals/unobtainium");
  EXPECT_THAT(risk->Years(request), HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
  request.mutable_key()->set_subject("minerals/cobalt");
  request.mutable_key()->set_method(v1::METHOD_STOCK_COVER);
  request.mutable_key()->set_importer("countries/JP");
  EXPECT_THAT(risk->Years(request), BlamesField("key.method"));
}

TEST_P(RiskHistoryTest, WithoutAStoreItSaysThatNoneIsKept) {
  config_ = RiskConfig();
  const auto risk = Start();
  EXPECT_THAT(risk->List(Of("minerals/cobalt")), HasError(absl::StatusCode::kFailedPrecondition, "HISTORY_NOT_KEPT"));
  EXPECT_THAT(risk->Explain(Since(1, 1)), HasError(absl::StatusCode::kFailedPrecondition, "HISTORY_NOT_KEPT"));
  EXPECT_THAT(risk->Explain(Since(0, 1)), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Engines, RiskHistoryTest, ::testing::Values("Sqlite", "Postgres"),
                         [](const ::testing::TestParamInfo<std::string>& engine) { return engine.param; });

}  // namespace
}  // namespace orewatch::risk
