// What a channel of ours counts of its calls.
#include "common/rpc/client_metrics.h"

#include "absl/strings/str_cat.h"
#include "common/testing/test_server.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/testing/v1/echo.grpc.pb.h"

namespace orewatch::rpc {
namespace {

using ::orewatch::testing::TestServer;
using ::testing::HasSubstr;
namespace v1 = ::orewatch::testing::v1;

class EndedSource final : public StreamSource<v1::CountResponse> {
 public:
  absl::StatusOr<Poll> Next(v1::CountResponse& out) override {
    out.set_number(++sent_);
    return sent_ > 3 ? Poll::kEnd : Poll::kMessage;
  }

 private:
  int sent_ = 0;
};

class ClientMetricsTest : public ::testing::Test {
 protected:
  ClientMetricsTest() : service_(v1::SayRequest::descriptor()->file()->FindServiceByName("Echo")) {
    const auto say = [](const CallContext&, const v1::SayRequest& request) -> absl::StatusOr<v1::SayResponse> {
      return request.text().empty() ? absl::StatusOr<v1::SayResponse>(absl::NotFoundError("nothing"))
                                    : v1::SayResponse();
    };
    service_.Unary<v1::SayRequest, v1::SayResponse>("Say", Runs::kInline, say);
    service_.Unary<v1::SayRequest, v1::SayResponse>("SayBlocking", Runs::kBlocking, say);
    service_.Unary<v1::SayRequest, v1::SayResponse>("GetLater", Runs::kInline, say);
    for (const char* method : {"Count", "WatchCount"}) {
      service_.ServerStream<v1::CountRequest, v1::CountResponse>(
          method, [](const auto&, const auto&, const Waker&) { return std::make_unique<EndedSource>(); });
    }
    service_.ClientStream<v1::SumRequest, v1::SumResponse>(
        "Sum", [](const auto&) { return std::unique_ptr<StreamSink<v1::SumRequest, v1::SumResponse>>(); });
    server_ = std::make_unique<TestServer>(std::vector<Service*>{&service_});
    metrics_ = std::make_unique<ClientMetrics>(registry_, std::vector{service_.descriptor()});
    stub_ = v1::Echo::NewStub(Connect(server_->address(), *metrics_));
  }
  grpc::Status Say(const std::string& text) {
    grpc::ClientContext context;
    v1::SayRequest request;
    request.set_text(text);
    v1::SayResponse response;
    return stub_->Say(&context, request, &response);
  }
  std::string Text() const { return prometheus::TextSerializer().Serialize(registry_.Collect()); }
  static std::string Labels(const std::string& type, const std::string& method) {
    return absl::StrCat("grpc_method=\"", method, "\",grpc_service=\"orewatch.testing.v1.Echo\",grpc_type=\"", type,
                        "\"}");
  }

  prometheus::Registry registry_;
  Service service_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<ClientMetrics> metrics_;
  std::unique_ptr<v1::Echo::Stub> stub_;
};

TEST_F(ClientMetricsTest, EveryMethodAndCodeStandsAtZeroFromTheStart) {
  for (int code = 0; code < kCodeCount; ++code) {
    EXPECT_THAT(Text(), HasSubstr(absl::StrCat("grpc_client_handled_total{grpc_code=\"", CodeName(code), "\",",
                                               Labels("unary", "Say"), " 0\n")));
  }
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat("grpc_client_started_total{", Labels("client_stream", "Sum"), " 0\n")));
}

TEST_F(ClientMetricsTest, CountsUnaryCallsByTheirCode) {
  EXPECT_TRUE(Say("a").ok());
  EXPECT_FALSE(Say("").ok());
  const std::string labels = Labels("unary", "Say");
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr(absl::StrCat("grpc_client_started_total{", labels, " 2\n")));
  EXPECT_THAT(text, HasSubstr(absl::StrCat("grpc_client_handled_total{grpc_code=\"OK\",", labels, " 1\n")));
  EXPECT_THAT(text, HasSubstr(absl::StrCat("grpc_client_handled_total{grpc_code=\"NotFound\",", labels, " 1\n")));
  EXPECT_THAT(text, HasSubstr(absl::StrCat("grpc_client_handling_seconds_count{", labels, " 2\n")));
  EXPECT_THAT(text, HasSubstr(absl::StrCat("grpc_client_msg_sent_total{", labels, " 2\n")));
  EXPECT_THAT(text, HasSubstr(absl::StrCat("grpc_client_msg_received_total{", labels, " 1\n")));
}

TEST_F(ClientMetricsTest, CountsEachMessageOfAStreamAndNotItsEnd) {
  grpc::ClientContext context;
  const auto reader = stub_->Count(&context, {});
  v1::CountResponse message;
  while (reader->Read(&message)) {
  }
  EXPECT_TRUE(reader->Finish().ok());
  const std::string labels = Labels("server_stream", "Count");
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat("grpc_client_msg_received_total{", labels, " 3\n")));
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat("grpc_client_handled_total{grpc_code=\"OK\",", labels, " 1\n")));
}

TEST_F(ClientMetricsTest, CountsCallsThatReachNobody) {
  const auto stub = v1::Echo::NewStub(Connect("127.0.0.1:1", *metrics_));
  grpc::ClientContext context;
  v1::SayResponse response;
  EXPECT_FALSE(stub->Say(&context, {}, &response).ok());
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat("grpc_client_handled_total{grpc_code=\"Unavailable\",",
                                             Labels("unary", "Say"), " 1\n")));
}

}  // namespace
}  // namespace orewatch::rpc
