#include "services/alerting/feed/past_reader.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "common/testing/serve.h"
#include "gmock/gmock.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Pages of two, of whatever size they are asked for.
class FakeRisk final : public risk::v1::Risk::Service {
 public:
  grpc::Status ListScores(grpc::ServerContext* context, const risk::v1::ListScoresRequest* request,
                          risk::v1::ListScoresResponse* response) override {
    NotePrincipal(*context);
    filter = request->filter();
    response->mutable_revision()->set_lineage("l");
    response->mutable_revision()->set_number(9);
    response->set_next_page_token(Page(keys, request->page_token(), [&](const std::string& key) {
      *response->add_scores()->mutable_key() = ParseProto<risk::v1::ScoreKey>(key);
    }));
    return grpc::Status::OK;
  }
  grpc::Status ListScoreHistory(grpc::ServerContext* context, const risk::v1::ListScoreHistoryRequest* request,
                                risk::v1::ListScoreHistoryResponse* response) override {
    NotePrincipal(*context);
    if (!refusal.ok()) {
      return rpc::ToGrpc(refusal);
    }
    EXPECT_TRUE(request->oldest_first());
    EXPECT_EQ(request->min_revision(), 9);
    const auto found = histories.find(request->key().subject());
    if (found == histories.end()) {
      return rpc::ToGrpc(MakeError(absl::StatusCode::kFailedPrecondition, "SCORE_NOT_KEPT", "not kept"));
    }
    response->set_next_page_token(Page(found->second, request->page_token(), [&](const std::string& record) {
      *response->add_records() = ParseProto<risk::v1::ScoreRecord>(record);
      *response->mutable_records()->rbegin()->mutable_score()->mutable_key() = request->key();
    }));
    return grpc::Status::OK;
  }
  std::vector<std::string> principals() const {
    absl::MutexLock lock(&mutex_);
    return principals_;
  }

  std::vector<std::string> keys;
  std::map<std::string, std::vector<std::string>> histories;
  absl::Status refusal;
  risk::v1::ScoreKey filter;

 private:
  template <typename Show>
  static std::string Page(const std::vector<std::string>& all, const std::string& token, Show show) {
    size_t next = token.empty() ? 0 : std::stoul(token);
    for (int shown = 0; shown < 2 && next < all.size(); ++shown) {
      show(all[next++]);
    }
    return next < all.size() ? absl::StrCat(next) : "";
  }
  void NotePrincipal(const grpc::ServerContext& context) {
    const auto found = context.client_metadata().find(rpc::kPrincipalHeader);
    absl::MutexLock lock(&mutex_);
    principals_.push_back(
        found == context.client_metadata().end() ? "" : std::string(found->second.data(), found->second.size()));
  }

  mutable absl::Mutex mutex_;
  std::vector<std::string> principals_;
};

std::string Record(int64_t revision, double value, const std::string& more = "") {
  return absl::StrCat(
      "score { value: ", value, " changed_revision { number: ", revision,
      " } change_cause: CHANGE_CAUSE_REAL completeness { state: STATE_COMPLETE } } commit_time { seconds: ",
      100 * revision, " } ", more);
}

class PastReaderTest : public ::testing::Test {
 protected:
  PastReaderTest() {
    server_ = orewatch::testing::Serve({&risk_});
    rule_.id = "r";
    rule_.target.method = risk::v1::METHOD_HHI;
    for (const char* mineral : {"tin", "zinc", "iron"}) {
      risk_.keys.push_back(absl::StrCat("subject: 'minerals/", mineral, "' stage: STAGE_MINE method: METHOD_HHI"));
    }
  }
  ~PastReaderTest() override { server_->Shutdown(); }

  absl::StatusOr<PastScores> Read(absl::Time end = absl::InfiniteFuture()) {
    PastReader reader(server_->InProcessChannel({}), nullptr);
    return reader.ReadScores({.rule = rule_,
                              .end = end,
                              .caller = {"ann"},
                              .deadline = absl::Now() + absl::Seconds(20),
                              .cancelled = [this] { return cancelled_; }});
  }

  FakeRisk risk_;
  std::unique_ptr<grpc::Server> server_;
  Rule rule_;
  bool cancelled_ = false;
};

TEST_F(PastReaderTest, ReadsEachScoreToItsLastPageInTheNameOfWhoAsks) {
  risk_.histories["minerals/tin"] = {Record(2, 10), Record(4, 20), Record(6, 30)};
  risk_.histories["minerals/zinc"] = {Record(4, 1), Record(5, 0, "removed: true")};
  const auto past = Read();
  ASSERT_THAT(past, IsOk());
  EXPECT_THAT(past->keys, SizeIs(3));
  EXPECT_EQ(past->revision, (Revision{"l", 9}));
  ASSERT_THAT(past->records, SizeIs(5));
  size_t next = 0;
  EXPECT_EQ(NextBatch(*past, next).commit_time, absl::FromUnixSeconds(200));
  const ScoreBatch both = NextBatch(*past, next);
  EXPECT_THAT(both.scores, SizeIs(2));
  EXPECT_EQ(both.revision.number, 4);
  EXPECT_EQ(both.scores[0].value, 20);
  EXPECT_THAT(NextBatch(*past, next).removed, ElementsAre(past->keys[2]));
  EXPECT_EQ(past->begins, std::nullopt);
  EXPECT_THAT(risk_.principals(), Each(Eq("ann")));
}

TEST_F(PastReaderTest, AsksForWhatTheRuleMatchesAlone) {
  rule_.target.stage = type::v1::STAGE_MINE;
  ScoreKey japan;
  japan.importer = "countries/JP";
  rule_.filter = KeyFilter("importer = countries/JP", japan, nullptr);
  const auto past = Read();
  ASSERT_THAT(past, IsOk());
  EXPECT_EQ(risk_.filter.importer(), "countries/JP");
  EXPECT_EQ(risk_.filter.stage(), type::v1::STAGE_MINE);
  EXPECT_EQ(risk_.filter.method(), risk::v1::METHOD_HHI);
  EXPECT_THAT(past->keys, IsEmpty()) << "none is for Japan, whatever risk makes of the filter";
}

TEST_F(PastReaderTest, ReadsOfACombinationWhatItsPartsLookAt) {
  rule_.target = {};
  rule_.condition = Combination{
      .collection = "minerals",
      .parts = {
          {.target = {.subject = "", .stage = type::v1::STAGE_MINE, .importer = "", .method = risk::v1::METHOD_HHI},
           .condition = Threshold{.raise = 2, .clear = 1}},
          {.target = {.subject = "minerals/tin",
                      .stage = type::v1::STAGE_MINE,
                      .importer = "",
                      .method = risk::v1::METHOD_HHI},
           .condition = MissingInput{.worse_than = 1}}}};
  risk_.histories["minerals/tin"] = {Record(2, 10)};
  const auto past = Read();
  ASSERT_THAT(past, IsOk());
  EXPECT_THAT(past->keys, SizeIs(3)) << "each once";
  EXPECT_THAT(past->records, SizeIs(1));
}

TEST_F(PastReaderTest, AsksForNoScoresThatAHappeningWouldMatch) {
  rule_.target = {};
  rule_.condition =
      Combination{.collection = "minerals",
                  .parts = {{.target = {.subject = "", .stage = 0, .importer = "", .method = risk::v1::METHOD_HHI},
                             .condition = Threshold{.raise = 2, .clear = 1}},
                            {.condition = Happening{.states = {105}}}}};
  ASSERT_THAT(Read(), IsOk());
  EXPECT_EQ(risk_.filter.method(), risk::v1::METHOD_HHI);
}

TEST_F(PastReaderTest, WithoutARegistryNobodyKnowsWhatHappened) {
  PastReader reader(server_->InProcessChannel({}), nullptr);
  EXPECT_THAT(reader.ReadFacts({.rule = rule_, .end = {}, .caller = {}, .deadline = {}, .cancelled = {}}),
              HasError(absl::StatusCode::kUnavailable, "NO_HISTORY_YET"));
}

TEST_F(PastReaderTest, HistoryBeginsWhereTheFirstRecordCannotSayWhy) {
  risk_.histories["minerals/tin"] = {"score { value: 1 changed_revision { number: 3 } } commit_time { seconds: 300 }",
                                     Record(6, 30)};
  risk_.histories["minerals/zinc"] = {Record(7, 1)};
  EXPECT_EQ(Read()->begins, (HistoryBegin{{"l", 3}, absl::FromUnixSeconds(300)}));
}

TEST_F(PastReaderTest, StopsWhereThePeriodAndTheAnswerEnd) {
  risk_.histories["minerals/tin"] = {Record(2, 10), Record(4, 20), Record(6, 30), Record(12, 40)};
  EXPECT_THAT(Read()->records, SizeIs(3)) << "revision 12 came after the scores were listed";
  EXPECT_THAT(Read(absl::FromUnixSeconds(300))->records, SizeIs(2)) << "the second tells when history goes on";
}

TEST_F(PastReaderTest, SaysWhyThereIsNoHistory) {
  risk_.refusal = MakeError(absl::StatusCode::kFailedPrecondition, "HISTORY_NOT_KEPT", "none");
  EXPECT_THAT(Read(), HasError(absl::StatusCode::kFailedPrecondition, "HISTORY_NOT_KEPT"));
  risk_.refusal = MakeError(absl::StatusCode::kFailedPrecondition, "PAGE_TOKEN_EXPIRED", "restored");
  EXPECT_THAT(Read(), HasError(absl::StatusCode::kAborted, "LINEAGE_CHANGED"));
  cancelled_ = true;
  EXPECT_THAT(Read(), HasCode(absl::StatusCode::kCancelled));
}

TEST_F(PastReaderTest, RefusesMoreScoresThanItHolds) {
  for (size_t i = 0; i < PastSource::kMaxScores; ++i) {
    risk_.keys.push_back(absl::StrCat("subject: 'minerals/", i, "' stage: STAGE_MINE method: METHOD_HHI"));
  }
  EXPECT_THAT(Read(), HasError(absl::StatusCode::kFailedPrecondition, "TOO_MANY_SCORES"));
}

}  // namespace
}  // namespace orewatch::alerting
