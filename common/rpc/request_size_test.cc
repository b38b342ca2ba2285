// How large a request may be, where it is decoded, and what all of them may take together.
#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/testing/v1/ledger.grpc.pb.h"

namespace orewatch::rpc {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::TestServer;
using ::testing::HasSubstr;
namespace v1 = ::orewatch::testing::v1;

constexpr int kSmall = 64 * 1024;

class CountingSink final : public StreamSink<v1::LedgerRequest, v1::LedgerResponse> {
 public:
  absl::Status Receive(const v1::LedgerRequest&) override { return absl::OkStatus(); }
  absl::StatusOr<v1::LedgerResponse> Finish() override { return v1::LedgerResponse(); }
};

class RequestSizeTest : public ::testing::Test {
 protected:
  using Method = grpc::Status (v1::Ledger::Stub::*)(grpc::ClientContext*, const v1::LedgerRequest&,
                                                    v1::LedgerResponse*);
  static constexpr Method kGet = &v1::Ledger::Stub::Get;
  static constexpr Method kPut = &v1::Ledger::Stub::Put;
  static constexpr Method kCompute = &v1::Ledger::Stub::Compute;

  RequestSizeTest() : service_(v1::LedgerRequest::descriptor()->file()->FindServiceByName("Ledger")) {
    const auto at_once = [this](const auto&, const v1::LedgerRequest& request) -> absl::StatusOr<v1::LedgerResponse> {
      bytes_ = request.name().size();
      return v1::LedgerResponse();
    };
    for (const char* method : {"Get", "Put"}) {
      service_.Unary<v1::LedgerRequest, v1::LedgerResponse>(method, Runs::kInline, at_once);
    }
    service_.Unary<v1::LedgerRequest, v1::LedgerResponse>("Comment", Runs::kBlocking, at_once);
    service_.Unary<v1::LedgerRequest, v1::LedgerResponse>(
        "Compute", Runs::kBlocking,
        [this](const auto&, const v1::LedgerRequest&) -> absl::StatusOr<v1::LedgerResponse> {
          computing_.Notify();
          release_.WaitForNotification();
          return v1::LedgerResponse();
        });
    service_.ClientStream<v1::LedgerRequest, v1::LedgerResponse>(
        "Load", [](const CallContext&) { return std::make_unique<CountingSink>(); });
  }
  ~RequestSizeTest() override { LetGo(); }

  void StartServer(const CallLimits& limits = {}) {
    ServerOptions options;
    options.limits = limits;
    server_ = std::make_unique<TestServer>(std::vector<Service*>{&service_}, options);
    stub_ = v1::Ledger::NewStub(server_->tcp_channel());
  }
  absl::Status Call(Method method, const v1::LedgerRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    v1::LedgerResponse response;
    return FromGrpc((stub_.get()->*method)(&context, request, &response));
  }
  static v1::LedgerRequest OfBytes(int bytes) {
    v1::LedgerRequest request;
    request.set_name(std::string(static_cast<size_t>(bytes), 'x'));
    return request;
  }
  static v1::LedgerRequest OfEmptyMessages(int count) {
    v1::LedgerRequest request;
    for (int i = 0; i < count; ++i) {
      request.add_changes();
    }
    return request;
  }
  void LetGo() {
    if (!release_.HasBeenNotified()) {
      release_.Notify();
    }
  }

  std::atomic<size_t> bytes_{0};
  absl::Notification computing_;
  absl::Notification release_;
  Service service_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<v1::Ledger::Stub> stub_;
};

TEST_F(RequestSizeTest, AMethodTakesSmallRequestsUnlessItSaysMore) {
  StartServer();
  // The text, its tag and its length.
  constexpr int kAround = 4;
  EXPECT_THAT(Call(kGet, OfBytes(kSmall - kAround)), IsOk());
  const absl::Status status = Call(kGet, OfBytes(kSmall));
  EXPECT_THAT(status, HasError(absl::StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("at most 65536"));
  EXPECT_THAT(Call(kPut, OfBytes(kSmall)), IsOk());
  EXPECT_EQ(bytes_.load(), static_cast<size_t>(kSmall));
  EXPECT_THAT(server_->metrics(),
              HasSubstr("orewatch_grpc_rejected_total{priority=\"read\",reason=\"too_large\"} 1\n"));
}

TEST_F(RequestSizeTest, AMessageOfAStreamIsBoundedToo) {
  StartServer();
  grpc::ClientContext context;
  v1::LedgerResponse response;
  const auto writer = stub_->Load(&context, &response);
  EXPECT_TRUE(writer->Write(OfBytes(kSmall / 2)));
  writer->Write(OfBytes(kSmall));
  writer->WritesDone();
  EXPECT_THAT(FromGrpc(writer->Finish()), HasError(absl::StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE"));
}

TEST_F(RequestSizeTest, ALargeRequestIsNotDecodedByTheTransport) {
  CallLimits limits;
  limits.blocking_threads = 1;
  StartServer(limits);
  std::thread computing([this] { EXPECT_THAT(Call(kCompute, {}), IsOk()); });
  computing_.WaitForNotification();
  std::atomic<bool> answered{false};
  std::thread large([&] {
    EXPECT_THAT(Call(kPut, OfBytes(2 * kSmall)), IsOk());
    EXPECT_TRUE(release_.HasBeenNotified());
    answered = true;
  });
  // The one thread is taken, which small requests do not mind.
  while (!absl::StrContains(server_->metrics(), "\norewatch_grpc_in_flight 2\n")) {
    std::this_thread::yield();
  }
  EXPECT_THAT(Call(kPut, OfBytes(kSmall / 2)), IsOk());
  EXPECT_FALSE(answered.load());
  LetGo();
  large.join();
  computing.join();
}

TEST_F(RequestSizeTest, WhatRequestsTakeDecodedIsBoundedAndGivenBack) {
  CallLimits limits;
  limits.max_request_memory = size_t{1} << 20;
  StartServer(limits);
  // Two bytes each, and some hundred when they are decoded.
  EXPECT_THAT(Call(kGet, OfEmptyMessages(20'000)), HasError(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  EXPECT_THAT(Call(kPut, OfBytes(2 << 20)), HasError(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(Call(kGet, OfEmptyMessages(3000)), IsOk()) << i;
    EXPECT_THAT(Call(kPut, OfBytes(kSmall * 2)), IsOk()) << i;
  }
  EXPECT_THAT(server_->metrics(), HasSubstr("orewatch_grpc_rejected_total{priority=\"read\",reason=\"memory\"} 2\n"));
}

}  // namespace
}  // namespace orewatch::rpc
