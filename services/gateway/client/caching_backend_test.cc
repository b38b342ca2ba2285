#include "services/gateway/client/caching_backend.h"

#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "services/gateway/client/fake_backend.h"

namespace orewatch::gateway {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

class CachingBackendTest : public ::testing::Test {
 protected:
  CachingBackendTest() { position_.Heard("l", 7, clock_.Now()); }
  Answer Ask(const std::string& principal = "alice", int64_t min_revision = 0) {
    Answer answer;
    Question question = FacilitiesOf("suppliers/a", principal, clock_.Now() + absl::Seconds(5));
    question.min_revision = min_revision;
    caching_.Ask(std::make_shared<Question>(std::move(question)), answer.Take());
    if (neighbour_.open() > 0) {
      neighbour_.Say(Says());
    }
    return answer;
  }
  absl::StatusOr<Reply> Says() const {
    if (!outage_.ok()) {
      return outage_;
    }
    auto list = std::make_shared<registry::v1::ListFacilitiesResponse>();
    list->add_facilities()->set_name(name_);
    list->mutable_revision()->set_number(revision_);
    return Reply{std::move(list), absl::OkStatus(), {}, false};
  }
  size_t asked() const { return neighbour_.asked.size(); }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  prometheus::Registry registry_;
  BackendMetrics metrics_{registry_, "registry"};
  CacheMetrics cache_metrics_{registry_, "parts"};
  KnownPosition position_;
  FakeBackend neighbour_;
  FakeTimers timers_;
  ReplyCache cache_{1'000'000, cache_metrics_};
  CachingBackend caching_{{.fresh_for = absl::Seconds(60), .stale_for = absl::Minutes(1)},
                          {neighbour_, cache_, position_, clock_, timers_, metrics_}};
  absl::Status outage_;
  std::string name_ = "first";
  int64_t revision_ = 7;
};

TEST_F(CachingBackendTest, AnAnswerIsToldAgainUntilTheNeighbourMovesOn) {
  EXPECT_EQ(Ask().name(), "first");
  EXPECT_TRUE(Ask().reply->current);
  EXPECT_EQ(asked(), 1U);
  position_.Heard("l", 8, clock_.Now());
  name_ = "second";
  revision_ = 8;
  EXPECT_EQ(Ask().name(), "second");
  EXPECT_EQ(asked(), 2U);
}

TEST_F(CachingBackendTest, NobodyGetsTheAnswerOfAnother) {
  Ask("alice");
  name_ = "for bob";
  EXPECT_EQ(Ask("bob").name(), "for bob");
  outage_ = absl::UnavailableError("gone");
  EXPECT_THAT(Ask("carol").reply, HasCode(absl::StatusCode::kUnavailable)) << "nor while the neighbour is away";
  EXPECT_EQ(Ask("bob").name(), "for bob");
}

TEST_F(CachingBackendTest, AnAnswerOfAReplicaThatLagsIsNotToldAgain) {
  revision_ = 6;
  EXPECT_FALSE(Ask().reply->current);
  revision_ = 7;
  EXPECT_TRUE(Ask().reply->current);
  EXPECT_EQ(asked(), 2U);
}

TEST_F(CachingBackendTest, WithoutAKnownPositionEverythingIsAsked) {
  Ask();
  position_.Lost();
  Ask();
  EXPECT_EQ(asked(), 2U);
  position_.Heard("l", 7, clock_.Now());
  Ask();
  EXPECT_EQ(asked(), 3U) << "whatever may have happened meanwhile";
}

TEST_F(CachingBackendTest, WhileTheNeighbourIsAwayItsLastAnswerIsToldAndMarked) {
  Ask();
  const absl::Time then = clock_.Now();
  position_.Heard("l", 8, clock_.Now());
  clock_.Advance(absl::Seconds(30));
  for (const absl::Status& outage :
       {absl::UnavailableError("gone"), absl::DeadlineExceededError("slow"), absl::InternalError("garbage"),
        absl::ResourceExhaustedError("slow down"), absl::CancelledError("cut"), absl::AbortedError("again")}) {
    outage_ = outage;
    const Answer answer = Ask();
    ASSERT_THAT(answer.reply, IsOk()) << outage;
    EXPECT_EQ(answer.reply->stale_because, outage);
    EXPECT_EQ(answer.reply->as_of, then);
    EXPECT_FALSE(answer.reply->current);
  }
  clock_.Advance(absl::Seconds(31));
  EXPECT_THAT(Ask().reply, HasCode(absl::StatusCode::kAborted)) << "it is too old";
}

TEST_F(CachingBackendTest, ASlowNeighbourDoesNotKeepAStaleAnswerWaiting) {
  Ask();
  EXPECT_TRUE(timers_.delays.empty()) << "there is nothing that could be told";
  position_.Heard("l", 8, clock_.Now());
  Answer answer;
  caching_.Ask(std::make_shared<Question>(FacilitiesOf("suppliers/a", "alice", clock_.Now() + absl::Seconds(6))),
               answer.Take());
  ASSERT_EQ(timers_.delays, std::vector<absl::Duration>{absl::Seconds(2)});
  EXPECT_EQ(answer.count, 0);
  timers_.RunNext();
  ASSERT_THAT(answer.reply, IsOk());
  EXPECT_THAT(answer.reply->stale_because, HasError(absl::StatusCode::kDeadlineExceeded, "NEIGHBOUR_TOO_SLOW"));
  neighbour_.SayFacility("second", 8);
  EXPECT_EQ(answer.count, 1);
  EXPECT_EQ(Ask().name(), "second") << "what came late is remembered";
  EXPECT_EQ(asked(), 2U);
}

TEST_F(CachingBackendTest, ANeighbourThatIsInTimeIsHeard) {
  Ask();
  position_.Heard("l", 8, clock_.Now());
  name_ = "second";
  revision_ = 8;
  EXPECT_EQ(Ask().name(), "second");
  timers_.RunNext();
  EXPECT_EQ(metrics_.cache_stale.Value(), 0);
}

TEST_F(CachingBackendTest, ARefusalIsNoOutageAndForgetsWhatWasThere) {
  Ask();
  position_.Heard("l", 8, clock_.Now());
  outage_ = absl::NotFoundError("out of sight");
  EXPECT_THAT(Ask().reply, HasCode(absl::StatusCode::kNotFound));
  outage_ = absl::UnavailableError("gone");
  EXPECT_THAT(Ask().reply, HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(CachingBackendTest, WhoAsksForARevisionGetsNothingOlder) {
  Ask();
  EXPECT_EQ(Ask("alice", 7).name(), "first");
  EXPECT_EQ(asked(), 1U);
  outage_ = MakeError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED", "not yet");
  EXPECT_THAT(Ask("alice", 8).reply, HasCode(absl::StatusCode::kUnavailable));
  outage_ = absl::DeadlineExceededError("slow");
  EXPECT_THAT(Ask("alice", 8).reply, HasCode(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(CachingBackendTest, WhatHasNoMarkIsFreshForAMomentOnly) {
  Ask();
  clock_.Advance(absl::Seconds(2));
  position_.Heard("l", 7, clock_.Now());
  Ask();
  EXPECT_EQ(asked(), 1U);
  for (int i = 0; i < 30; ++i) {
    clock_.Advance(absl::Seconds(2));
    position_.Heard("l", 7, clock_.Now());
  }
  Ask();
  EXPECT_EQ(asked(), 2U);
}

TEST_F(CachingBackendTest, TheCacheIsBoundedAndForgetsWhatWasUsedLongestAgo) {
  ByteBoundedCache<std::string> cache(2400, cache_metrics_);
  const auto value = std::make_shared<const std::string>("x");
  for (const char* key : {"a", "b", "c", "d"}) {
    cache.Put(key, value, 400);
  }
  EXPECT_NE(cache.Find("a"), nullptr);
  cache.Put("e", value, 400);
  EXPECT_EQ(cache.Find("b"), nullptr);
  EXPECT_NE(cache.Find("a"), nullptr);
  cache.Put("huge", value, 700);
  EXPECT_EQ(cache.Find("huge"), nullptr) << "it would drive out all others";
  EXPECT_GT(cache_metrics_.evictions.Value(), 0);
  EXPECT_LE(cache_metrics_.bytes.Value(), 2400);
}

}  // namespace
}  // namespace orewatch::gateway
