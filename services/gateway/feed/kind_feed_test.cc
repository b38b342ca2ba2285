// One kind of a feed against a service whose answers the test decides.
#include "services/gateway/feed/kind_feed.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/rpc/grpc_status.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "common/testing/serve.h"
#include "common/trace/trace.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"

namespace orewatch::gateway {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::ParseProto;
using risk::v1::WatchScoresResponse;
using v1::SectionStatus;
using v1::WatchFeedResponse;

// Sends what it is given, and stays open, or ends, afterwards.
class Told final : public grpc::ServerWriteReactor<WatchScoresResponse> {
 public:
  Told(std::deque<WatchScoresResponse> messages, const absl::Status& end) : messages_(std::move(messages)), end_(end) {
    WriteNext();
  }
  void OnWriteDone(bool ok) override {
    if (ok) {
      messages_.pop_front();
      WriteNext();
    }
  }
  void OnCancel() override {
    if (end_.ok()) {
      Finish(grpc::Status::CANCELLED);
    }
  }
  void OnDone() override { delete this; }

 private:
  void WriteNext() {
    if (!messages_.empty()) {
      StartWrite(&messages_.front());
    } else if (!end_.ok()) {
      Finish(rpc::ToGrpc(end_));
    }
  }
  std::deque<WatchScoresResponse> messages_;
  const absl::Status end_;
};

class FakeRisk final : public risk::v1::Risk::CallbackService {
 public:
  grpc::ServerUnaryReactor* ListScores(grpc::CallbackServerContext* context, const risk::v1::ListScoresRequest*,
                                       risk::v1::ListScoresResponse* response) override {
    auto* reactor = context->DefaultReactor();
    absl::MutexLock lock(&mutex);
    NoteTrace(*context);
    absl::Status status;
    if (!refusals.empty()) {
      status = refusals.front();
      refusals.pop_front();
    }
    response->mutable_revision()->set_lineage("l");
    response->mutable_revision()->set_number(head);
    reactor->Finish(rpc::ToGrpc(status));
    return reactor;
  }
  grpc::ServerWriteReactor<WatchScoresResponse>* WatchScores(grpc::CallbackServerContext* context,
                                                             const risk::v1::WatchScoresRequest* request) override {
    absl::MutexLock lock(&mutex);
    NoteTrace(*context);
    asked_after.push_back(request->after().number());
    std::deque<WatchScoresResponse> messages;
    messages.swap(happened);
    return new Told(std::move(messages), std::exchange(end, absl::OkStatus()));
  }

  absl::Mutex mutex;
  // One for each question, until there are no more.
  std::deque<absl::Status> refusals ABSL_GUARDED_BY(mutex);
  int64_t head ABSL_GUARDED_BY(mutex) = 9;
  // What the next stream tells, and how it ends; OK: not at all.
  std::deque<WatchScoresResponse> happened ABSL_GUARDED_BY(mutex);
  absl::Status end ABSL_GUARDED_BY(mutex);
  // What each stream was asked for.
  std::vector<int64_t> asked_after ABSL_GUARDED_BY(mutex);
  // What each question and each stream said of the request that it is part of.
  std::vector<std::string> traces ABSL_GUARDED_BY(mutex);

 private:
  void NoteTrace(const grpc::CallbackServerContext& context) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const auto said = context.client_metadata().find(kTraceparentHeader);
    traces.push_back(said == context.client_metadata().end() ? ""
                                                             : std::string(said->second.data(), said->second.size()));
  }
};

// Lets no time pass, and says how much would have.
class RecordedTimers final : public Timers {
 public:
  void After(absl::Duration delay, std::function<void()> task) override {
    delays.push_back(delay);
    task();
  }
  std::vector<absl::Duration> delays;
};

class KindFeedTest : public ::testing::Test {
 protected:
  KindFeedTest() { server_ = orewatch::testing::Serve({&risk_}); }
  ~KindFeedTest() override {
    feed_.reset();
    server_->Shutdown();
  }
  void Open(const LastKnown& beginning, const LastKnown& registry = {"l", 9}) {
    feed_ = FollowScores({errors_, timers_, server_->InProcessChannel({}), caller_, [news = news_] { news->Wake(); },
                          beginning, registry});
  }
  // The next message, when it comes.
  absl::StatusOr<WatchFeedResponse> Read() {
    for (;;) {
      WatchFeedResponse message;
      const absl::StatusOr<bool> told = feed_->Next(position_, message);
      if (!told.ok()) {
        return told.status();
      }
      if (*told) {
        return message;
      }
      if (!news_->Await()) {
        return absl::DeadlineExceededError("nothing came");
      }
    }
  }
  SectionStatus ReadStatus() {
    const auto message = Read();
    EXPECT_TRUE(message.ok() && message->has_status()) << message.status();
    return message.ok() ? message->status().status() : SectionStatus();
  }
  std::vector<int64_t> asked_after() {
    absl::MutexLock lock(&risk_.mutex);
    return risk_.asked_after;
  }
  void Refuse(const std::vector<absl::Status>& refusals) {
    absl::MutexLock lock(&risk_.mutex);
    risk_.refusals.assign(refusals.begin(), refusals.end());
  }
  void Happens(const std::vector<std::string>& messages, const absl::Status& end = absl::OkStatus()) {
    absl::MutexLock lock(&risk_.mutex);
    for (const std::string& message : messages) {
      risk_.happened.push_back(ParseProto<WatchScoresResponse>(message));
    }
    risk_.end = end;
  }

  // May be woken after the feed is gone.
  struct News {
    void Wake() {
      absl::MutexLock lock(&mutex);
      woken = true;
    }
    bool Await() {
      absl::MutexLock lock(&mutex);
      const bool came = mutex.AwaitWithTimeout(absl::Condition(&woken), absl::Seconds(20));
      woken = false;
      return came;
    }
    absl::Mutex mutex;
    bool woken ABSL_GUARDED_BY(mutex) = false;
  };

  const std::shared_ptr<News> news_ = std::make_shared<News>();
  SystemClock clock_;
  const NeighbourErrors errors_{"risk", clock_};
  RecordedTimers timers_;
  FakeRisk risk_;
  std::unique_ptr<grpc::Server> server_;
  v1::FeedPosition position_;
  rpc::Caller caller_;
  std::unique_ptr<KindFeed> feed_;
};

TEST_F(KindFeedTest, BeginsAtTheHeadOfAServiceThatIsThere) {
  Happens({"bookmark { lineage: 'l' number: 10 }"});
  Open({"l", 7});
  EXPECT_EQ(ReadStatus().state(), SectionStatus::STATE_FRESH);
  const auto scores = Read();
  ASSERT_TRUE(scores.ok());
  EXPECT_EQ(scores->scores().bookmark().number(), 10);
  EXPECT_EQ(position_.scores().number(), 10);
  EXPECT_EQ(asked_after(), std::vector<int64_t>{9});
}

TEST_F(KindFeedTest, WhatHappensWhileTheServiceIsAwayAtTheStartIsToldWhenItIsBack) {
  Refuse({absl::UnavailableError("down"), absl::UnavailableError("down")});
  Happens({"bookmark { lineage: 'l' number: 8 }"});
  Open({"l", 7});
  EXPECT_EQ(ReadStatus().state(), SectionStatus::STATE_UNAVAILABLE);
  EXPECT_EQ(position_.scores().number(), 7) << "a token of that moment holds it too";
  EXPECT_EQ(ReadStatus().state(), SectionStatus::STATE_FRESH);
  const auto scores = Read();
  ASSERT_TRUE(scores.ok());
  EXPECT_EQ(scores->scores().bookmark().number(), 8);
  EXPECT_EQ(asked_after(), std::vector<int64_t>{7});
}

TEST_F(KindFeedTest, ABeginningThatNobodyKnowsIsSaidToBeLate) {
  Refuse({absl::UnavailableError("down")});
  Open({});
  EXPECT_EQ(ReadStatus().state(), SectionStatus::STATE_UNAVAILABLE);
  EXPECT_FALSE(position_.has_scores());
  const SectionStatus status = ReadStatus();
  EXPECT_EQ(status.state(), SectionStatus::STATE_INCOMPLETE);
  EXPECT_EQ(status.reason(), "BEGINNING_UNKNOWN");
  EXPECT_EQ(position_.scores().number(), 9);
}

TEST_F(KindFeedTest, AStreamThatIsCutGoesOnBehindTheLastWholeRevision) {
  Happens({"bookmark { lineage: 'l' number: 10 }", "scores { value: 1 }"}, absl::UnavailableError("cut"));
  Open({});
  EXPECT_EQ(ReadStatus().state(), SectionStatus::STATE_FRESH);
  ASSERT_TRUE(Read().ok());
  ASSERT_TRUE(Read().ok());
  EXPECT_EQ(position_.scores().number(), 10) << "the next revision is not whole";
  Happens({"scores { value: 1 } bookmark { lineage: 'l' number: 11 }"});
  const auto scores = Read();
  ASSERT_TRUE(scores.ok());
  EXPECT_EQ(scores->scores().bookmark().number(), 11);
  EXPECT_EQ(asked_after(), (std::vector<int64_t>{9, 10}));
}

TEST_F(KindFeedTest, AllThatItAsksIsPartOfTheCallThatOpenedIt) {
  caller_.trace = BeginTrace();
  Refuse({absl::UnavailableError("down")});
  Happens({"bookmark { lineage: 'l' number: 8 }"}, absl::UnavailableError("cut"));
  Open({"l", 7});
  EXPECT_EQ(ReadStatus().state(), SectionStatus::STATE_UNAVAILABLE);
  EXPECT_EQ(ReadStatus().state(), SectionStatus::STATE_FRESH);
  ASSERT_TRUE(Read().ok());
  Happens({"bookmark { lineage: 'l' number: 9 }"});
  ASSERT_TRUE(Read().ok());
  absl::MutexLock lock(&risk_.mutex);
  // Two questions before the first stream, one before the second.
  EXPECT_EQ(risk_.traces, std::vector<std::string>(5, Traceparent(*caller_.trace)));
}

TEST_F(KindFeedTest, APositionThatIsNowhereEndsTheFeedAndOneThatRiskHasNotReachedDoesNot) {
  position_.mutable_scores()->set_lineage("l");
  position_.mutable_scores()->set_number(12);
  Open({}, {"l", 11});
  EXPECT_THAT(Read(), HasError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD"));
  Open({}, {"l", 12});
  EXPECT_EQ(ReadStatus().state(), SectionStatus::STATE_FRESH);
}

TEST_F(KindFeedTest, AnotherHistoryEndsTheFeed) {
  Happens({}, MakeError(absl::StatusCode::kFailedPrecondition, "LINEAGE_CHANGED", "restored"));
  Open({});
  EXPECT_EQ(ReadStatus().state(), SectionStatus::STATE_FRESH);
  EXPECT_THAT(Read(), HasError(absl::StatusCode::kFailedPrecondition, "LINEAGE_CHANGED"));
}

TEST_F(KindFeedTest, AServiceThatRefusesTheGatewayIsTriedAgain) {
  Refuse({MakeError(absl::StatusCode::kUnauthenticated, "NO_CREDENTIAL", "who are you"),
          MakeError(absl::StatusCode::kPermissionDenied, "MAY_NOT_SPEAK_FOR_OTHERS", "for yourself alone")});
  Happens({"bookmark { lineage: 'l' number: 8 }"});
  Open({"l", 7});
  const SectionStatus refused = ReadStatus();
  EXPECT_EQ(refused.state(), SectionStatus::STATE_UNAVAILABLE);
  EXPECT_EQ(refused.reason(), "GATEWAY_NOT_AUTHORIZED");
  EXPECT_EQ(ReadStatus().state(), SectionStatus::STATE_FRESH);
  // It is there, so its service has been asked.
  EXPECT_TRUE(Read().ok());
  EXPECT_EQ(asked_after(), std::vector<int64_t>{7});
}

TEST_F(KindFeedTest, PausesGrowAndAreNotTheSameForAll) {
  Refuse(std::vector<absl::Status>(9, absl::UnavailableError("down")));
  Open({"l", 7});
  EXPECT_EQ(ReadStatus().state(), SectionStatus::STATE_UNAVAILABLE);
  EXPECT_EQ(ReadStatus().state(), SectionStatus::STATE_FRESH);
  ASSERT_EQ(timers_.delays.size(), 9U);
  absl::Duration most = absl::Milliseconds(50);
  bool shortened = false;
  for (const absl::Duration delay : timers_.delays) {
    EXPECT_LE(delay, most);
    EXPECT_GE(delay, most / 2);
    shortened = shortened || delay < most;
    most = std::min(most * 2, absl::Seconds(2));
  }
  EXPECT_TRUE(shortened);
}

TEST_F(KindFeedTest, WhoIsDeniedHearsItOnceAndTheFeedStaysOpen) {
  Refuse({MakeError(absl::StatusCode::kPermissionDenied, "ROLE_MISSING", "not yours")});
  Open({"l", 7});
  EXPECT_EQ(ReadStatus().state(), SectionStatus::STATE_DENIED);
  WatchFeedResponse message;
  const auto told = feed_->Next(position_, message);
  ASSERT_TRUE(told.ok());
  EXPECT_FALSE(*told);
  EXPECT_TRUE(asked_after().empty());
}

}  // namespace
}  // namespace orewatch::gateway
