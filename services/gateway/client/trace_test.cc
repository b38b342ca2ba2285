// The trace of a call goes on where its work changes threads: repetitions, shared answers, pages.
#include "common/trace/trace.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "orewatch/testing/v1/echo.pb.h"
#include "services/gateway/client/coalescing_backend.h"
#include "services/gateway/client/fake_backend.h"
#include "services/gateway/client/neighbours.h"
#include "services/gateway/client/retrying_backend.h"
#include "services/gateway/client/stub_backend.h"

namespace orewatch::gateway {
namespace {

using ::orewatch::testing::IsOk;
using ::orewatch::testing::TestServer;
namespace echo = ::orewatch::testing::v1;

// A service of ours that keeps the trace of each attempt, and is away as often as it is told to be.
class Upstream {
 public:
  Upstream() : service_(echo::SayRequest::descriptor()->file()->FindServiceByName("Echo")) {
    for (const char* method : {"Say", "SayBlocking", "GetLater"}) {
      service_.Unary<echo::SayRequest, echo::SayResponse>(
          method, rpc::Runs::kInline, [this](const auto& context, const auto&) { return Answer(context); });
    }
    for (const char* method : {"Count", "WatchCount"}) {
      service_.ServerStream<echo::CountRequest, echo::CountResponse>(method, [](const auto&, const auto&, const auto&) {
        return std::unique_ptr<rpc::StreamSource<echo::CountResponse>>();
      });
    }
    service_.ClientStream<echo::SumRequest, echo::SumResponse>(
        "Sum", [](const auto&) { return std::unique_ptr<rpc::StreamSink<echo::SumRequest, echo::SumResponse>>(); });
    server_ = std::make_unique<TestServer>(std::vector<rpc::Service*>{&service_});
  }

  std::shared_ptr<grpc::Channel> channel() { return server_->channel(); }
  void GoAway(int times) {
    absl::MutexLock lock(&mutex_);
    away_ = times;
    seen_.clear();
  }
  std::vector<TracePtr> seen() {
    absl::MutexLock lock(&mutex_);
    return seen_;
  }

 private:
  absl::StatusOr<echo::SayResponse> Answer(const rpc::CallContext& context) {
    absl::MutexLock lock(&mutex_);
    seen_.push_back(context.caller().trace);
    if (away_ > 0) {
      --away_;
      return absl::UnavailableError("away");
    }
    return echo::SayResponse();
  }

  rpc::Service service_;
  absl::Mutex mutex_;
  int away_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<TracePtr> seen_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<TestServer> server_;
};

class GatewayTraceTest : public ::testing::Test {
 protected:
  // Of a caller in the middle of a trace.
  static rpc::Caller CallerOfATrace() {
    rpc::Caller caller;
    caller.trace = ContinueTrace(Traceparent(*BeginTrace()), "a=1");
    return caller;
  }

  SystemClock clock_;
  prometheus::Registry registry_;
  BackendMetrics metrics_{registry_, "echo"};
};

absl::StatusOr<Reply> AskToSay(Backend& backend, const rpc::Caller& caller) {
  auto question = std::make_shared<Question>();
  question->method = "/orewatch.testing.v1.Echo/Say";
  question->request = std::make_shared<echo::SayRequest>();
  question->prototype = &echo::SayResponse::default_instance();
  question->caller = caller;
  question->deadline = absl::Now() + absl::Seconds(20);
  absl::Notification answered;
  absl::StatusOr<Reply> reply;
  backend.Ask(question, [&](absl::StatusOr<Reply> said) {
    reply = std::move(said);
    answered.Notify();
  });
  answered.WaitForNotification();
  return reply;
}

TEST_F(GatewayTraceTest, ARepetitionIsAnotherSpanOfTheSameTrace) {
  Upstream upstream;
  StubBackend stub("echo", clock_);
  stub.Connect(upstream.channel());
  TransportTimers timers;
  RetryingBackend retrying(stub, clock_, timers, metrics_);
  const rpc::Caller caller = CallerOfATrace();
  // A fifth of the calls may be repeated.
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(AskToSay(retrying, caller), IsOk());
  }
  upstream.GoAway(1);
  ASSERT_THAT(AskToSay(retrying, caller), IsOk());
  const std::vector<TracePtr> attempts = upstream.seen();
  ASSERT_EQ(attempts.size(), 2U);
  for (const TracePtr& attempt : attempts) {
    EXPECT_EQ(attempt->id, caller.trace->id);
    EXPECT_EQ(attempt->parent, caller.trace->span);
    EXPECT_EQ(attempt->state, "a=1");
  }
  EXPECT_NE(attempts[0]->span, attempts[1]->span);
}

TEST_F(GatewayTraceTest, AQuestionOfSeveralCallersCarriesTheTraceOfTheFirst) {
  FakeBackend neighbour;
  CoalescingBackend coalescing(neighbour, clock_, metrics_);
  std::vector<rpc::Caller> callers = {CallerOfATrace(), CallerOfATrace()};
  std::vector<Answer> answers(callers.size());
  for (size_t i = 0; i < callers.size(); ++i) {
    Question question = FacilitiesOf("suppliers/a", "alice", absl::Now() + absl::Seconds(20));
    question.caller.trace = callers[i].trace;
    coalescing.Ask(std::make_shared<Question>(std::move(question)), answers[i].Take());
  }
  ASSERT_EQ(neighbour.asked.size(), 1U);
  EXPECT_EQ(neighbour.asked[0]->caller.trace, callers[0].trace);
  neighbour.SayFacility("f", 1);
}

TEST_F(GatewayTraceTest, AnAnswerIsDealtWithInTheTraceOfWhoAskedOnWhateverThreadItComes) {
  FakeBackend neighbour;
  Neighbours neighbours({neighbour, neighbour, neighbour});
  Terms terms;
  terms.caller = CallerOfATrace();
  TracePtr seen;
  neighbours.ListFacilities("suppliers/a", "", terms, [&](const auto&) { seen = TraceScope::Current(); });
  const TraceScope somebody_elses(BeginTrace());
  neighbour.SayFacility("f", 1);
  EXPECT_EQ(seen, terms.caller.trace);
}

TEST_F(GatewayTraceTest, EveryPageIsAskedForInTheTraceOfTheFirst) {
  FakeBackend neighbour;
  Neighbours neighbours({neighbour, neighbour, neighbour});
  Terms terms;
  terms.caller = CallerOfATrace();
  TracePtr seen;
  neighbours.ListMinerals(terms, [&](const auto&) { seen = TraceScope::Current(); });
  for (const char* next : {"more", ""}) {
    auto page = std::make_shared<registry::v1::ListMineralsResponse>();
    page->set_next_page_token(next);
    neighbour.Say(Reply{std::move(page), absl::OkStatus(), {}, false});
  }
  ASSERT_EQ(neighbour.asked.size(), 2U);
  EXPECT_EQ(neighbour.asked[1]->caller.trace, terms.caller.trace);
  EXPECT_EQ(seen, terms.caller.trace);
}

}  // namespace
}  // namespace orewatch::gateway
