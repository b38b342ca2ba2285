// The behaviour that every service inherits from the kit, against a real server.
#include "common/rpc/server.h"

#include <atomic>
#include <limits>
#include <thread>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/notifier.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "common/time/deadline_scope.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/testing/v1/echo.grpc.pb.h"

namespace orewatch::rpc {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::TestServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace v1 = ::orewatch::testing::v1;

// Counts up to `last`, then waits for the owner to raise it.
class CountSource final : public StreamSource<v1::CountResponse> {
 public:
  CountSource(int first, const std::atomic<int>& last, Notifier::Subscription subscription, size_t padding)
      : next_(first), last_(last), subscription_(std::move(subscription)), padding_(padding, 'x') {}
  absl::StatusOr<Poll> Next(v1::CountResponse& out) override {
    if (next_ > last_.load()) {
      return Poll::kWait;
    }
    out.set_number(next_++);
    out.set_padding(padding_);
    return Poll::kMessage;
  }
  int next() const { return next_; }

 private:
  int next_;
  const std::atomic<int>& last_;
  Notifier::Subscription subscription_;
  std::string padding_;
};

// Numbers from 1 up to `last`, each with the time of its commit.
class CommittedSource final : public StreamSource<v1::CountResponse> {
 public:
  CommittedSource(const std::atomic<int>& last, const std::atomic<absl::Time>& committed,
                  Notifier::Subscription subscription)
      : last_(last), committed_(committed), subscription_(std::move(subscription)) {}
  absl::StatusOr<Poll> Next(v1::CountResponse& out) override {
    if (next_ > last_.load()) {
      return Poll::kWait;
    }
    out.set_number(next_++);
    return Poll::kMessage;
  }
  absl::Time CommitTime() const override { return committed_.load(); }

 private:
  int next_ = 1;
  const std::atomic<int>& last_;
  const std::atomic<absl::Time>& committed_;
  Notifier::Subscription subscription_;
};

// Never has anything to say and wakes itself all the time.
class RestlessSource final : public StreamSource<v1::CountResponse> {
 public:
  RestlessSource(absl::Notification& asked, Waker waker) : asked_(asked), waker_(std::move(waker)) {}
  absl::StatusOr<Poll> Next(v1::CountResponse&) override {
    if (!asked_.HasBeenNotified()) {
      asked_.Notify();
    }
    waker_();
    return Poll::kWait;
  }

 private:
  absl::Notification& asked_;
  Waker waker_;
};

class SumSink final : public StreamSink<v1::SumRequest, v1::SumResponse> {
 public:
  absl::Status Receive(const v1::SumRequest& request) override {
    if (request.number() < 0) {
      return InvalidField("number", "must not be negative");
    }
    sum_ += request.number();
    return absl::OkStatus();
  }
  absl::StatusOr<v1::SumResponse> Finish() override {
    v1::SumResponse response;
    response.set_sum(sum_);
    return response;
  }

 private:
  int sum_ = 0;
};

class ServerTest : public ::testing::Test {
 protected:
  using Handler = std::function<absl::StatusOr<v1::SayResponse>(const CallContext&, const v1::SayRequest&)>;

  ServerTest() : service_(v1::SayRequest::descriptor()->file()->FindServiceByName("Echo")) {
    service_.Unary<v1::SayRequest, v1::SayResponse>(
        "Say", Runs::kInline, [this](const auto& context, const auto& request) { return say_(context, request); });
    service_.Unary<v1::SayRequest, v1::SayResponse>(
        "SayBlocking", Runs::kBlocking,
        [this](const auto& context, const auto& request) { return say_(context, request); });
    service_.UnaryAsync<v1::SayRequest, v1::SayResponse>(
        "GetLater", [this](const auto& context, const auto& request, auto respond) {
          later_(context, request, std::move(respond));
        });
    service_.ServerStream<v1::CountRequest, v1::CountResponse>(
        "Count",
        [this](const auto&, const auto& request, Waker waker) -> std::unique_ptr<StreamSource<v1::CountResponse>> {
          if (request.first() == kRestless) {
            return std::make_unique<RestlessSource>(restless_asked_, std::move(waker));
          }
          last_.store(std::max(last_.load(), request.last()));
          return std::make_unique<CountSource>(request.first(), last_, counted_.Subscribe(std::move(waker)), padding_);
        });
    service_.ServerStream<v1::CountRequest, v1::CountResponse>(
        "WatchCount", [this](const auto&, const auto&, Waker waker) {
          return std::make_unique<CommittedSource>(last_, committed_, counted_.Subscribe(std::move(waker)));
        });
    service_.ClientStream<v1::SumRequest, v1::SumResponse>("Sum",
                                                           [](const auto&) { return std::make_unique<SumSink>(); });
  }

  // Asks for a stream that never says anything.
  static constexpr int kRestless = -1;

  void StartServer(const ServerOptions& options = {}) {
    server_ = std::make_unique<TestServer>(std::vector<Service*>{&service_}, options);
    stub_ = v1::Echo::NewStub(server_->tcp_channel());
  }

  absl::Status Say(const v1::SayRequest& request = {}, absl::Duration timeout = absl::Seconds(20)) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    v1::SayResponse response;
    return FromGrpc(stub_->Say(&context, request, &response));
  }

  // Waits until the server has accounted for what the client saw end.
  void ExpectMetric(const std::string& line) {
    for (const absl::Time give_up = absl::Now() + absl::Seconds(10); absl::Now() < give_up; std::this_thread::yield()) {
      if (absl::StrContains(server_->metrics(), line)) {
        return;
      }
    }
    ADD_FAILURE() << "no " << line << " in\n" << server_->metrics();
  }

  static std::string Handled(const std::string& type, const std::string& method, const std::string& code, int count) {
    return absl::StrCat("grpc_server_handled_total{grpc_code=\"", code, "\",grpc_method=\"", method,
                        "\",grpc_service=\"orewatch.testing.v1.Echo\",grpc_type=\"", type, "\"} ", count, "\n");
  }

  Handler say_ = [](const CallContext&, const v1::SayRequest& request) -> absl::StatusOr<v1::SayResponse> {
    v1::SayResponse response;
    response.set_text(request.text());
    return response;
  };
  std::function<void(const CallContext&, const v1::SayRequest&, Respond<v1::SayResponse>)> later_;
  std::atomic<int> last_{0};
  std::atomic<absl::Time> committed_{absl::InfinitePast()};
  size_t padding_ = 0;
  absl::Notification restless_asked_;
  Notifier counted_;
  Service service_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<v1::Echo::Stub> stub_;
};

TEST_F(ServerTest, AnswersWithWhatTheHandlerReturns) {
  StartServer();
  grpc::ClientContext context;
  v1::SayRequest request;
  request.set_text("cobalt");
  v1::SayResponse response;
  ASSERT_THAT(FromGrpc(stub_->Say(&context, request, &response)), IsOk());
  EXPECT_EQ(response.text(), "cobalt");
}

TEST_F(ServerTest, AnswersAtOnceWhatNeedsNoHandlerAndLeavesTheRestToIt) {
  service_.AtOnce(
      "SayBlocking",
      [](const CallContext&, const google::protobuf::Message& message) -> std::optional<absl::StatusOr<std::string>> {
        const auto& request = static_cast<const v1::SayRequest&>(message);
        if (request.text() == "known") {
          v1::SayResponse response;
          response.set_text("at once");
          return response.SerializeAsString();
        }
        if (request.text() == "refused") {
          return absl::StatusOr<std::string>(absl::NotFoundError("none"));
        }
        if (request.text() == "thrown") {
          throw std::runtime_error("no");
        }
        if (request.text() == "huge") {
          return std::string(kMaxMessageBytes + 1, 'x');
        }
        return std::nullopt;
      });
  StartServer();
  const auto say = [&](const std::string& text) -> absl::StatusOr<std::string> {
    grpc::ClientContext context;
    v1::SayRequest request;
    request.set_text(text);
    v1::SayResponse response;
    const absl::Status status = FromGrpc(stub_->SayBlocking(&context, request, &response));
    return status.ok() ? absl::StatusOr<std::string>(response.text()) : status;
  };
  EXPECT_EQ(*say("known"), "at once");
  EXPECT_EQ(*say("other"), "other");
  EXPECT_THAT(say("refused"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(say("thrown"), HasError(absl::StatusCode::kInternal, "HANDLER_FAILED"));
  EXPECT_THAT(say("huge"), HasError(absl::StatusCode::kResourceExhausted, "RESPONSE_TOO_LARGE"));
  ExpectMetric(Handled("unary", "SayBlocking", "OK", 2));
  ExpectMetric(Handled("unary", "SayBlocking", "NotFound", 1));
}

TEST_F(ServerTest, ThrowingHandlerIsInternalAndCountedNotUnimplemented) {
  say_ = [](const auto&, const auto&) -> absl::StatusOr<v1::SayResponse> { throw std::runtime_error("boom"); };
  StartServer();
  const absl::Status status = Say();
  EXPECT_THAT(status, HasError(absl::StatusCode::kInternal, "HANDLER_FAILED"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("boom")));
  ExpectMetric(Handled("unary", "Say", "Internal", 1));
  ExpectMetric("orewatch_handler_exceptions_total{grpc_method=\"Say\",grpc_service=\"orewatch.testing.v1.Echo\"} 1");
}

TEST_F(ServerTest, MalformedBytesAreTheCallersFault) {
  StartServer();
  grpc::GenericStub stub(server_->tcp_channel());
  grpc::ClientContext context;
  const grpc::Slice garbage("\xff\xff\xff\xff", 4);
  grpc::ByteBuffer request(&garbage, 1);
  grpc::ByteBuffer response;
  absl::Notification done;
  grpc::Status status;
  stub.UnaryCall(&context, "/orewatch.testing.v1.Echo/Say", {}, &request, &response, [&](grpc::Status answer) {
    status = std::move(answer);
    done.Notify();
  });
  done.WaitForNotification();
  EXPECT_THAT(FromGrpc(status), HasError(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST"));
}

TEST_F(ServerTest, NamesEveryFieldThatNoRequestMayHold) {
  StartServer();
  v1::SayRequest request;
  request.set_page_size(-1);
  auto& nested = *request.add_nested();
  nested.set_number(std::numeric_limits<double>::quiet_NaN());
  nested.set_mood(static_cast<v1::Mood>(7));
  EXPECT_THAT(Say(request),
              AllOf(BlamesField("page_size"), BlamesField("nested[0].number"), BlamesField("nested[0].mood")));
}

TEST_F(ServerTest, BlockedHandlersDoNotStarveHealthOrInlineCalls) {
  absl::Notification release;
  std::atomic<int> blocked{0};
  say_ = [&](const auto&, const v1::SayRequest& request) -> absl::StatusOr<v1::SayResponse> {
    if (request.text() == "block") {
      ++blocked;
      release.WaitForNotification();
    }
    return v1::SayResponse();
  };
  StartServer();
  std::vector<std::thread> callers;
  callers.reserve(8);
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([this] {
      grpc::ClientContext context;
      v1::SayRequest request;
      request.set_text("block");
      v1::SayResponse response;
      EXPECT_THAT(FromGrpc(stub_->SayBlocking(&context, request, &response)), IsOk());
    });
  }
  while (blocked < 8) {
    std::this_thread::yield();
  }
  EXPECT_THAT(Say(), IsOk());
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckResponse health;
  auto health_stub = grpc::health::v1::Health::NewStub(server_->tcp_channel());
  EXPECT_THAT(FromGrpc(health_stub->Check(&context, {}, &health)), IsOk());
  EXPECT_EQ(health.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  release.Notify();
  for (auto& caller : callers) {
    caller.join();
  }
}

TEST_F(ServerTest, RefusesMoreCallsThanItsLimitWithARetryDelay) {
  Respond<v1::SayResponse> parked;
  absl::Notification arrived;
  later_ = [&](const auto&, const auto&, Respond<v1::SayResponse> respond) {
    parked = std::move(respond);
    arrived.Notify();
  };
  ServerOptions options;
  options.limits.max_in_flight = 1;
  StartServer(options);
  std::thread caller([this] {
    grpc::ClientContext context;
    v1::SayResponse response;
    EXPECT_THAT(FromGrpc(stub_->GetLater(&context, {}, &response)), IsOk());
  });
  arrived.WaitForNotification();
  const absl::Status refused = Say();
  EXPECT_THAT(refused, HasError(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  EXPECT_TRUE(refused.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
  ExpectMetric("orewatch_grpc_rejected_total{priority=\"read\",reason=\"concurrency\"} 1");
  parked(v1::SayResponse());
  caller.join();
}

TEST_F(ServerTest, AHandlerRunsWithinTheDeadlineOfItsCall) {
  absl::Time within = absl::InfinitePast();
  absl::Time deadline;
  later_ = [&](const CallContext& context, const auto&, const Respond<v1::SayResponse>& respond) {
    within = DeadlineScope::Current();
    deadline = context.deadline();
    respond(v1::SayResponse());
  };
  StartServer();
  v1::SayResponse response;
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Hours(1)));
  ASSERT_THAT(FromGrpc(stub_->GetLater(&context, {}, &response)), IsOk());
  EXPECT_EQ(within, deadline);
  EXPECT_LT(within, absl::InfiniteFuture());
  grpc::ClientContext patient;
  ASSERT_THAT(FromGrpc(stub_->GetLater(&patient, {}, &response)), IsOk());
  EXPECT_EQ(within, absl::InfiniteFuture());
}

TEST_F(ServerTest, CountsAPassedDeadlineAndACancelAsSuchThoughTheHandlerSucceeds) {
  absl::Mutex mutex;
  std::vector<Respond<v1::SayResponse>> parked;
  absl::Time deadline;
  later_ = [&](const CallContext& context, const auto&, Respond<v1::SayResponse> respond) {
    absl::MutexLock lock(&mutex);
    if (context.deadline() != absl::InfiniteFuture()) {
      deadline = context.deadline();
    }
    parked.push_back(std::move(respond));
  };
  StartServer();
  v1::SayResponse response;
  grpc::ClientContext late;
  late.set_deadline(absl::ToChronoTime(absl::Now() + absl::Milliseconds(100)));
  EXPECT_THAT(FromGrpc(stub_->GetLater(&late, {}, &response)), HasCode(absl::StatusCode::kDeadlineExceeded));
  grpc::ClientContext gone;
  std::thread canceller([&] {
    mutex.LockWhen(absl::Condition(
        +[](std::vector<Respond<v1::SayResponse>>* calls) { return calls->size() == 2; }, &parked));
    mutex.Unlock();
    gone.TryCancel();
  });
  EXPECT_THAT(FromGrpc(stub_->GetLater(&gone, {}, &response)), HasCode(absl::StatusCode::kCancelled));
  canceller.join();
  // The deadline as the server knows it, which is a little after the caller's.
  while (absl::Now() <= deadline) {
    std::this_thread::yield();
  }
  // Another call on the same connection orders us behind the cancel.
  EXPECT_THAT(Say(), IsOk());
  for (auto& respond : parked) {
    respond(v1::SayResponse());
  }
  ExpectMetric(Handled("unary", "GetLater", "DeadlineExceeded", 1));
  ExpectMetric(Handled("unary", "GetLater", "Canceled", 1));
  ExpectMetric(Handled("unary", "GetLater", "OK", 0));
}

TEST_F(ServerTest, UnknownMethodsAreUnimplementedUnderOneLabel) {
  StartServer();
  grpc::GenericStub stub(server_->tcp_channel());
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  absl::Notification done;
  grpc::Status status;
  const grpc::Slice empty;
  request = grpc::ByteBuffer(&empty, 1);
  stub.UnaryCall(&context, "/orewatch.testing.v1.Echo/Nope", {}, &request, &response, [&](grpc::Status answer) {
    status = std::move(answer);
    done.Notify();
  });
  done.WaitForNotification();
  EXPECT_THAT(FromGrpc(status), HasError(absl::StatusCode::kUnimplemented, "UNKNOWN_METHOD"));
  ExpectMetric(
      "grpc_server_handled_total{grpc_code=\"Unimplemented\",grpc_method=\"unknown\",grpc_service=\"unknown\",grpc_"
      "type=\"unary\"} 1");
}

TEST_F(ServerTest, EveryMethodAndCodeStandsAtZeroFromTheStart) {
  StartServer();
  const std::string metrics = server_->metrics();
  const std::pair<const char*, const char*> methods[] = {
      {"unary", "Say"}, {"server_stream", "Count"}, {"client_stream", "Sum"}};
  for (const auto& [type, method] : methods) {
    for (int code = 0; code < kCodeCount; ++code) {
      EXPECT_THAT(metrics, HasSubstr(Handled(type, method, CodeName(code), 0)));
    }
  }
}

TEST_F(ServerTest, RefusesAPortThatAnotherServerHas) {
  StartServer();
  ServerOptions options;
  options.address = server_->address();
  prometheus::Registry registry;
  EXPECT_THAT(Server::Start(options, {&service_}, registry),
              HasError(absl::StatusCode::kUnavailable, "ADDRESS_UNAVAILABLE"));
}

TEST_F(ServerTest, RefusesAServiceWithAMethodThatNobodyHandles) {
  Service incomplete(service_.descriptor());
  prometheus::Registry registry;
  EXPECT_THAT(Server::Start({}, {&incomplete}, registry), BlamesField("orewatch.testing.v1.Echo.Say"));
}

TEST_F(ServerTest, StreamSleepsUntilWokenAndEndsWithTheDrain) {
  StartServer();
  grpc::ClientContext context;
  v1::CountRequest request;
  request.set_first(1);
  request.set_last(2);
  auto reader = stub_->Count(&context, request);
  v1::CountResponse message;
  ASSERT_TRUE(reader->Read(&message));
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.number(), 2);
  last_ = 3;
  counted_.NotifyAll();
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.number(), 3);
  std::thread drain([this] { server_->server().Drain(absl::ZeroDuration(), absl::Seconds(10)); });
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_THAT(FromGrpc(reader->Finish()), HasError(absl::StatusCode::kUnavailable, "DRAINING"));
  drain.join();
}

TEST_F(ServerTest, AStreamThatWakesItselfLeavesTheOthersTheirTurn) {
  ServerOptions options;
  options.limits.stream_threads = 1;
  StartServer(options);
  v1::CountRequest request;
  request.set_first(kRestless);
  grpc::ClientContext restless_context;
  const auto restless = stub_->Count(&restless_context, request);
  restless_asked_.WaitForNotification();
  request.set_first(1);
  request.set_last(3);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  const auto reader = stub_->Count(&context, request);
  v1::CountResponse message;
  for (int number = 1; number <= 3; ++number) {
    ASSERT_TRUE(reader->Read(&message));
    EXPECT_EQ(message.number(), number);
  }
  restless_context.TryCancel();
}

TEST_F(ServerTest, StreamsMessagesThatFillManySlices) {
  padding_ = 100'000;
  StartServer();
  grpc::ClientContext context;
  v1::CountRequest request;
  request.set_last(99);
  auto reader = stub_->Count(&context, request);
  v1::CountResponse message;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(reader->Read(&message));
    EXPECT_EQ(message.number(), i);
    EXPECT_EQ(message.padding().size(), padding_);
  }
  context.TryCancel();
  reader->Finish();
}

TEST_F(ServerTest, MeasuresHowLateAWatcherIsButNotWhatWasThereBefore) {
  last_ = 1;
  committed_ = absl::Now() - absl::Hours(1);
  StartServer();
  grpc::ClientContext context;
  auto reader = stub_->WatchCount(&context, {});
  v1::CountResponse message;
  ASSERT_TRUE(reader->Read(&message));
  ExpectMetric("orewatch_watch_events_sent_total 1\n");
  ExpectMetric("orewatch_watch_streams 1\n");
  ExpectMetric("orewatch_watch_lag_seconds_count 0\n");
  committed_ = absl::Now();
  last_ = 2;
  counted_.NotifyAll();
  ASSERT_TRUE(reader->Read(&message));
  ExpectMetric("orewatch_watch_events_sent_total 2\n");
  ExpectMetric("orewatch_watch_lag_seconds_count 1\n");
  ExpectMetric("orewatch_watch_lag_seconds_bucket{le=\"10\"} 1\n");
  context.TryCancel();
  reader->Finish();
  ExpectMetric("orewatch_watch_streams 0\n");
}

TEST_F(ServerTest, MeasuresHowMuchOfADeadlineIsLeft) {
  StartServer();
  EXPECT_THAT(Say({}, absl::Hours(1)), IsOk());
  ExpectMetric("orewatch_grpc_deadline_remaining_ratio_bucket{le=\"0.95\"} 0\n");
  ExpectMetric("orewatch_grpc_deadline_remaining_ratio_count 1\n");
}

TEST_F(ServerTest, ADrainSaysHowLongItTookAndHowManyCallsItCancelled) {
  absl::Notification arrived;
  later_ = [&](const CallContext& context, const auto&, Respond<v1::SayResponse> respond) {
    context.OnCancel([respond = std::move(respond)] { respond(absl::CancelledError("gone")); });
    arrived.Notify();
  };
  StartServer();
  ExpectMetric("orewatch_drain_seconds 0\n");
  ExpectMetric("orewatch_drain_cancelled_calls_total 0\n");
  std::thread caller([this] {
    grpc::ClientContext context;
    v1::SayResponse response;
    EXPECT_FALSE(stub_->GetLater(&context, {}, &response).ok());
  });
  arrived.WaitForNotification();
  server_->server().Drain(absl::ZeroDuration(), absl::Milliseconds(50));
  caller.join();
  ExpectMetric("orewatch_drain_cancelled_calls_total 1\n");
  EXPECT_THAT(server_->metrics(), Not(HasSubstr("orewatch_drain_seconds 0\n")));
}

TEST_F(ServerTest, SaysHowLargeAMessageMayBe) {
  StartServer();
  for (const char* direction : {"received", "sent"}) {
    ExpectMetric(absl::StrCat("orewatch_grpc_max_message_bytes{direction=\"", direction, "\"} ", kMaxMessageBytes));
  }
}

TEST_F(ServerTest, ItsOwnChannelOutlivesEachOfItsConnections) {
  ServerOptions options;
  options.keepalive.max_connection_age = absl::Milliseconds(20);
  options.keepalive.max_connection_age_grace = absl::Milliseconds(20);
  StartServer(options);
  stub_ = v1::Echo::NewStub(server_->server().OwnChannel());
  for (int connections = 0; connections < 3; ++connections) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    auto endless = stub_->Count(&context, {});
    v1::CountResponse message;
    ASSERT_TRUE(endless->Read(&message));
    EXPECT_FALSE(endless->Read(&message)) << "the connection did not end";
    endless->Finish();
  }
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  v1::SayResponse response;
  EXPECT_THAT(FromGrpc(stub_->Say(&context, {}, &response)), IsOk());
}

TEST_F(ServerTest, ItsOwnChannelServesAlsoBeforeItIsReadyAndIsUnavailableAfterTheDrain) {
  StartServer();
  server_->server().health().SetReady(false);
  stub_ = v1::Echo::NewStub(server_->server().OwnChannel());
  ASSERT_THAT(Say(), IsOk());
  server_->server().Drain(absl::ZeroDuration(), absl::Seconds(10));
  EXPECT_THAT(Say(), HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(ServerTest, CancelledStreamReleasesItsPlace) {
  StartServer();
  {
    grpc::ClientContext context;
    auto reader = stub_->Count(&context, {});
    v1::CountResponse message;
    ASSERT_TRUE(reader->Read(&message));
    ExpectMetric("orewatch_grpc_streams 1\n");
    context.TryCancel();
    reader->Finish();
  }
  ExpectMetric("orewatch_grpc_streams 0\n");
  ExpectMetric(Handled("server_stream", "Count", "Canceled", 1));
  EXPECT_EQ(counted_.subscribers(), 0U);
}

TEST_F(ServerTest, SinkTakesAllMessagesOrStopsAtTheFirstBadOne) {
  StartServer();
  v1::SumResponse response;
  {
    grpc::ClientContext context;
    auto writer = stub_->Sum(&context, &response);
    for (int i = 1; i <= 100; ++i) {
      v1::SumRequest request;
      request.set_number(i);
      ASSERT_TRUE(writer->Write(request));
    }
    writer->WritesDone();
    ASSERT_THAT(FromGrpc(writer->Finish()), IsOk());
    EXPECT_EQ(response.sum(), 5050);
  }
  grpc::ClientContext context;
  auto writer = stub_->Sum(&context, &response);
  v1::SumRequest bad;
  bad.set_number(-1);
  writer->Write(bad);
  writer->WritesDone();
  EXPECT_THAT(FromGrpc(writer->Finish()), BlamesField("number"));
}

TEST_F(ServerTest, ADrainEndsAClientStreamThatSaysNothing) {
  StartServer();
  v1::SumResponse response;
  grpc::ClientContext context;
  auto writer = stub_->Sum(&context, &response);
  v1::SumRequest request;
  request.set_number(1);
  ASSERT_TRUE(writer->Write(request));
  ExpectMetric(
      "grpc_server_msg_received_total{grpc_method=\"Sum\",grpc_service=\"orewatch.testing.v1.Echo\","
      "grpc_type=\"client_stream\"} 1");
  const absl::Time start = absl::Now();
  server_->server().Drain(absl::ZeroDuration(), absl::Seconds(20));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  EXPECT_THAT(FromGrpc(writer->Finish()), HasError(absl::StatusCode::kUnavailable, "DRAINING"));
}

TEST_F(ServerTest, HealthIsNotReadyUntilSaidAndLiveDuringTheDrain) {
  StartServer();
  server_->server().health().SetReady(false);
  // A channel of ours would not call a server that is not ready.
  auto stub =
      grpc::health::v1::Health::NewStub(grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()));
  const auto check = [&](const std::string& name) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(name);
    grpc::health::v1::HealthCheckResponse response;
    const absl::Status status = FromGrpc(stub->Check(&context, request, &response));
    return status.ok() ? static_cast<int>(response.status()) : -static_cast<int>(status.code());
  };
  using grpc::health::v1::HealthCheckResponse;
  EXPECT_EQ(check(""), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(check("orewatch.testing.v1.Echo"), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(check("liveness"), HealthCheckResponse::SERVING);
  EXPECT_EQ(check("nobody"), -static_cast<int>(absl::StatusCode::kNotFound));
  server_->server().health().SetReady(true);
  EXPECT_EQ(check("orewatch.testing.v1.Echo"), HealthCheckResponse::SERVING);
}

TEST_F(ServerTest, CallersLookAwayFromAServerThatIsNotReady) {
  StartServer();
  EXPECT_THAT(Say(), IsOk());
  server_->server().health().SetReady(false);
  absl::Status status;
  do {
    status = Say();
  } while (status.ok());
  EXPECT_THAT(status, HasCode(absl::StatusCode::kUnavailable));
  server_->server().health().SetReady(true);
  do {
    status = Say();
  } while (!status.ok());
  server_->server().health().EndReadiness();
  server_->server().health().SetReady(true);
  EXPECT_FALSE(server_->server().health().ready()) << "what drains does not come back";
}

TEST_F(ServerTest, ClientRetriesReadsThatFailUnavailable) {
  std::atomic<int> attempts{0};
  later_ = [&](const auto&, const auto&, const Respond<v1::SayResponse>& respond) {
    if (++attempts < 3) {
      return respond(absl::UnavailableError("not yet"));
    }
    respond(v1::SayResponse());
  };
  StartServer();
  auto stub = v1::Echo::NewStub(server_->tcp_channel({service_.descriptor()}));
  grpc::ClientContext context;
  v1::SayResponse response;
  EXPECT_THAT(FromGrpc(stub->GetLater(&context, {}, &response)), IsOk());
  EXPECT_EQ(attempts, 3);
}

TEST_F(ServerTest, AnAnswerAboveTheLimitIsAnErrorThatSaysSo) {
  say_ = [](const auto&, const auto&) -> absl::StatusOr<v1::SayResponse> {
    v1::SayResponse response;
    response.set_text(std::string(kMaxMessageBytes + 1, 'x'));
    return response;
  };
  StartServer();
  EXPECT_THAT(Say(), HasError(absl::StatusCode::kResourceExhausted, "RESPONSE_TOO_LARGE"));
  padding_ = kMaxMessageBytes;
  grpc::ClientContext context;
  auto reader = stub_->Count(&context, {});
  v1::CountResponse message;
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_THAT(FromGrpc(reader->Finish()), HasError(absl::StatusCode::kResourceExhausted, "RESPONSE_TOO_LARGE"));
  ExpectMetric("orewatch_grpc_responses_too_large_total 2\n");
}

TEST_F(ServerTest, OversizedAnswersToErrorsStillReachTheCaller) {
  say_ = [](const auto&, const auto&) -> absl::StatusOr<v1::SayResponse> {
    FieldViolations violations;
    for (int i = 0; i < 1000; ++i) {
      violations.Add(std::string(300, 'f'), std::string(300, 'd'));
    }
    return violations.ToStatus();
  };
  StartServer();
  EXPECT_THAT(Say(), HasError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

}  // namespace
}  // namespace orewatch::rpc
