// What gRPC does between a client and a server of ours where its defaults would surprise: pings, sizes, the end.
#include "common/rpc/transport.h"

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/testing/v1/echo.grpc.pb.h"

namespace orewatch::rpc {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::TestServer;
namespace v1 = ::orewatch::testing::v1;

class IdleSource final : public StreamSource<v1::CountResponse> {
 public:
  absl::StatusOr<Poll> Next(v1::CountResponse& out) override {
    out.set_number(1);
    return std::exchange(sent_, true) ? Poll::kWait : Poll::kMessage;
  }

 private:
  bool sent_ = false;
};

class TransportTest : public ::testing::Test {
 protected:
  TransportTest() : service_(v1::SayRequest::descriptor()->file()->FindServiceByName("Echo")) {
    const auto say = [this](const CallContext& context,
                            const v1::SayRequest& request) -> absl::StatusOr<v1::SayResponse> {
      on_say_(context);
      v1::SayResponse response;
      response.set_text(request.text());
      return response;
    };
    service_.Unary<v1::SayRequest, v1::SayResponse>("Say", Runs::kInline, say);
    service_.Unary<v1::SayRequest, v1::SayResponse>("SayBlocking", Runs::kBlocking, say);
    BindTheRest(service_);
  }

  static void BindTheRest(Service& service) {
    service.UnaryAsync<v1::SayRequest, v1::SayResponse>(
        "GetLater", [](const auto&, const auto&, auto respond) { respond(v1::SayResponse()); });
    service.ServerStream<v1::CountRequest, v1::CountResponse>(
        "Count", [](const auto&, const auto&, const Waker&) { return std::make_unique<IdleSource>(); });
    service.ServerStream<v1::CountRequest, v1::CountResponse>(
        "WatchCount", [](const auto&, const auto&, const Waker&) { return std::make_unique<IdleSource>(); });
    service.ClientStream<v1::SumRequest, v1::SumResponse>(
        "Sum", [](const auto&) { return std::unique_ptr<StreamSink<v1::SumRequest, v1::SumResponse>>(); });
  }

  void StartServer(const ServerOptions& options = {}) {
    server_ = std::make_unique<TestServer>(std::vector<Service*>{&service_}, options);
    stub_ = v1::Echo::NewStub(server_->tcp_channel());
  }
  absl::Status SayBlocking(const std::string& text) {
    grpc::ClientContext context;
    v1::SayRequest request;
    request.set_text(text);
    v1::SayResponse response;
    return FromGrpc(stub_->SayBlocking(&context, request, &response));
  }

  std::function<void(const CallContext&)> on_say_ = [](const auto&) {};
  Service service_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<v1::Echo::Stub> stub_;
};

// An idle stream, and whether it has ended.
class IdleStream {
 public:
  explicit IdleStream(std::unique_ptr<v1::Echo::Stub> stub) : stub_(std::move(stub)) {
    reader_ = stub_->Count(&context_, {});
    EXPECT_TRUE(reader_->Read(&message_));
    thread_ = std::thread([this] {
      reader_->Read(&message_);
      ended_.Notify();
    });
  }
  ~IdleStream() {
    context_.TryCancel();
    thread_.join();
  }
  absl::Notification& ended() { return ended_; }

 private:
  std::unique_ptr<v1::Echo::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::CountResponse>> reader_;
  v1::CountResponse message_;
  absl::Notification ended_;
  std::thread thread_;
};

TEST_F(TransportTest, AnIdleStreamOutlivesThePingsThatBothSidesAgreedUpon) {
  // gRPC sends no more than one ping a second.
  const Keepalive agreed{absl::Seconds(1), absl::Seconds(5), absl::Milliseconds(500)};
  ServerOptions options;
  options.keepalive = agreed;
  StartServer(options);
  TestServer strict({&service_});
  IdleStream stream(v1::Echo::NewStub(Connect(server_->address(), {}, {.keepalive = agreed})));
  IdleStream cut_off(v1::Echo::NewStub(Connect(strict.address(), {}, {.keepalive = agreed})));
  // By then the other has sent as many.
  EXPECT_TRUE(cut_off.ended().WaitForNotificationWithTimeout(absl::Seconds(30)));
  EXPECT_FALSE(stream.ended().HasBeenNotified());
}

TEST_F(TransportTest, TheServersPatienceFitsTheClientsPings) {
  EXPECT_LT(Keepalive().server_min_ping_interval, Keepalive().client_ping_interval);
}

TEST_F(TransportTest, AnOversizedRequestIsRefusedAndTheNextIsServed) {
  StartServer();
  EXPECT_THAT(SayBlocking(std::string(kMaxMessageBytes + 1, 'x')), HasCode(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(SayBlocking("x"), IsOk());
}

TEST_F(TransportTest, BlockingCallsBeyondTheQueueAreRefused) {
  absl::Notification started;
  absl::Notification release;
  on_say_ = [&](const auto&) {
    if (!started.HasBeenNotified()) {
      started.Notify();
      release.WaitForNotification();
    }
  };
  ServerOptions options;
  options.limits.blocking_threads = 1;
  options.limits.blocking_queue = 1;
  StartServer(options);
  std::thread running([&] { EXPECT_THAT(SayBlocking("x"), IsOk()); });
  started.WaitForNotification();
  // One of two finds the only place in the queue; the other lets both go on.
  std::atomic<int> refused{0};
  const auto call = [&] {
    if (const absl::Status status = SayBlocking("x"); !status.ok()) {
      EXPECT_THAT(status, HasError(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
      ++refused;
      release.Notify();
    }
  };
  std::thread second(call);
  std::thread third(call);
  for (std::thread* caller : {&running, &second, &third}) {
    caller->join();
  }
  EXPECT_EQ(refused, 1);
}

TEST_F(TransportTest, WritesThatWaitForOneAnotherKeepNoReaderWaiting) {
  Service service(service_.descriptor());
  absl::Notification release;
  std::atomic<int> waiting{0};
  service.Unary<v1::SayRequest, v1::SayResponse>(
      "Say", Runs::kWriting, [&](const CallContext&, const v1::SayRequest&) -> absl::StatusOr<v1::SayResponse> {
        ++waiting;
        release.WaitForNotification();
        return v1::SayResponse();
      });
  service.Unary<v1::SayRequest, v1::SayResponse>(
      "SayBlocking", Runs::kBlocking,
      [](const CallContext&, const v1::SayRequest&) -> absl::StatusOr<v1::SayResponse> { return v1::SayResponse(); });
  BindTheRest(service);
  ServerOptions options;
  options.limits.writing_threads = 2;
  TestServer server({&service}, options);
  stub_ = v1::Echo::NewStub(server.tcp_channel());
  std::vector<std::thread> writers;
  writers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      grpc::ClientContext context;
      v1::SayResponse response;
      EXPECT_THAT(FromGrpc(stub_->Say(&context, {}, &response)), IsOk());
    });
  }
  while (waiting < options.limits.writing_threads) {
    std::this_thread::yield();
  }
  EXPECT_THAT(SayBlocking("x"), IsOk());
  release.Notify();
  for (std::thread& writer : writers) {
    writer.join();
  }
}

TEST_F(TransportTest, ACallInFlightEndsWellThoughTheDrainHasClosedThePort) {
  absl::Notification started;
  absl::Notification release;
  on_say_ = [&](const auto&) {
    started.Notify();
    release.WaitForNotification();
  };
  StartServer();
  std::thread caller([&] { EXPECT_THAT(SayBlocking("x"), IsOk()); });
  started.WaitForNotification();
  std::thread drain([&] { server_->server().Drain(absl::ZeroDuration(), absl::Seconds(20)); });
  const auto refused = [&] {
    const auto late = v1::Echo::NewStub(grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    v1::SayResponse response;
    return late->GetLater(&context, {}, &response).error_code() == grpc::StatusCode::UNAVAILABLE;
  };
  while (!refused()) {
    std::this_thread::yield();
  }
  release.Notify();
  caller.join();
  drain.join();
}

TEST_F(TransportTest, TheDrainCancelsWhatOutlastsItsTimeout) {
  absl::Notification started;
  on_say_ = [&](const CallContext& context) {
    started.Notify();
    while (!context.cancelled()) {
      std::this_thread::yield();
    }
  };
  StartServer();
  std::thread caller([&] { EXPECT_FALSE(SayBlocking("x").ok()); });
  started.WaitForNotification();
  server_->server().Drain(absl::ZeroDuration(), absl::Milliseconds(200));
  caller.join();
}

}  // namespace
}  // namespace orewatch::rpc
