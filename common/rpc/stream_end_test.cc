// Streams whose callers do not read, and those of health beside streams that block.
#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/testing/v1/echo.grpc.pb.h"

namespace orewatch::rpc {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckResponse;
using ::orewatch::testing::TestServer;
using ::testing::HasSubstr;
namespace v1 = ::orewatch::testing::v1;

using CountSource = StreamSource<v1::CountResponse>;

// Always has more to say, and more at a time than a connection takes for a caller who does not read.
class EndlessSource final : public CountSource {
 public:
  explicit EndlessSource(std::atomic<int>& asked) : asked_(asked) {}
  absl::StatusOr<Poll> Next(v1::CountResponse& out) override {
    asked_.fetch_add(1);
    out.set_padding(std::string(size_t{3} << 20, 'x'));
    return Poll::kMessage;
  }

 private:
  std::atomic<int>& asked_;
};

// Stands still like a source whose storage does not answer.
class StuckSource final : public CountSource {
 public:
  StuckSource(absl::Notification& asked, absl::Notification& release) : asked_(asked), release_(release) {}
  absl::StatusOr<Poll> Next(v1::CountResponse&) override {
    asked_.Notify();
    release_.WaitForNotification();
    return Poll::kEnd;
  }

 private:
  absl::Notification& asked_;
  absl::Notification& release_;
};

class StreamEndTest : public ::testing::Test {
 protected:
  StreamEndTest() : service_(v1::SayRequest::descriptor()->file()->FindServiceByName("Echo")) {
    const auto say = [](const auto&, const v1::SayRequest&) -> absl::StatusOr<v1::SayResponse> {
      return v1::SayResponse();
    };
    for (const char* method : {"Say", "SayBlocking", "GetLater"}) {
      service_.Unary<v1::SayRequest, v1::SayResponse>(method, Runs::kInline, say);
    }
    service_.ServerStream<v1::CountRequest, v1::CountResponse>("Count", [this](const auto&, const auto&, const Waker&) {
      return std::make_unique<EndlessSource>(endless_asked_);
    });
    service_.ServerStream<v1::CountRequest, v1::CountResponse>(
        "WatchCount",
        [this](const auto&, const auto&, const Waker&) { return std::make_unique<StuckSource>(asked_, release_); });
    service_.ClientStream<v1::SumRequest, v1::SumResponse>(
        "Sum", [](const auto&) -> absl::StatusOr<std::unique_ptr<StreamSink<v1::SumRequest, v1::SumResponse>>> {
          return absl::UnimplementedError("not here");
        });
    ServerOptions options;
    options.limits.stream_threads = 1;
    server_ = std::make_unique<TestServer>(std::vector<Service*>{&service_}, options);
    stub_ = v1::Echo::NewStub(server_->tcp_channel());
  }

  std::atomic<int> endless_asked_{0};
  absl::Notification asked_;
  absl::Notification release_;
  Service service_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<v1::Echo::Stub> stub_;
};

TEST_F(StreamEndTest, ADrainDoesNotWaitForACallerWhoDoesNotRead) {
  // Without it the transport takes more and more on behalf of a caller on a fast network.
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  const auto stub =
      v1::Echo::NewStub(grpc::CreateCustomChannel(server_->address(), grpc::InsecureChannelCredentials(), arguments));
  grpc::ClientContext context;
  const auto reader = stub->Count(&context, {});
  v1::CountResponse response;
  ASSERT_TRUE(reader->Read(&response));
  // The second message is on its way, and nobody will read it.
  while (endless_asked_.load() < 2) {
    std::this_thread::yield();
  }
  constexpr absl::Duration kPatience = absl::Minutes(5);
  const absl::Time begin = absl::Now();
  server_->server().Drain(absl::ZeroDuration(), kPatience);
  EXPECT_LT(absl::Now() - begin, kPatience / 2);
  EXPECT_THAT(server_->metrics(), HasSubstr("orewatch_drain_cancelled_calls_total 1\n"));
  while (reader->Read(&response)) {
  }
  EXPECT_FALSE(reader->Finish().ok());
}

TEST_F(StreamEndTest, HealthIsToldWhileStreamsWaitForStorage) {
  grpc::ClientContext context;
  const auto stuck = stub_->WatchCount(&context, {});
  asked_.WaitForNotification();
  const auto health = Health::NewStub(server_->tcp_channel());
  grpc::ClientContext watching;
  watching.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  const auto watch = health->Watch(&watching, {});
  HealthCheckResponse answer;
  EXPECT_TRUE(watch->Read(&answer));
  EXPECT_EQ(answer.status(), HealthCheckResponse::SERVING);
  release_.Notify();
  watching.TryCancel();
}

}  // namespace
}  // namespace orewatch::rpc
