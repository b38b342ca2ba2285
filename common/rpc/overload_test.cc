// Who is refused when there are too many calls, and who is not.
#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/priority.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/testing/v1/ledger.grpc.pb.h"

namespace orewatch::rpc {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::TestServer;
using ::testing::HasSubstr;
namespace v1 = ::orewatch::testing::v1;

template <typename Detail>
Detail DetailOf(const absl::Status& status) {
  Detail detail;
  const auto payload = status.GetPayload(absl::StrCat("type.googleapis.com/", detail.GetDescriptor()->full_name()));
  EXPECT_TRUE(payload.has_value() && detail.ParseFromString(std::string(*payload))) << status;
  return detail;
}

absl::Duration RetryDelay(const absl::Status& status) {
  const auto delay = DetailOf<google::rpc::RetryInfo>(status).retry_delay();
  return absl::Seconds(delay.seconds()) + absl::Nanoseconds(delay.nanos());
}

class OverloadTest : public ::testing::Test {
 protected:
  using Method = grpc::Status (v1::Ledger::Stub::*)(grpc::ClientContext*, const v1::LedgerRequest&,
                                                    v1::LedgerResponse*);
  static constexpr Method kBatch = &v1::Ledger::Stub::Compute;
  static constexpr Method kRead = &v1::Ledger::Stub::Get;
  static constexpr Method kAcknowledge = &v1::Ledger::Stub::Comment;

  OverloadTest() : service_(v1::LedgerRequest::descriptor()->file()->FindServiceByName("Ledger")) {
    // A call that is named waits until it is let go.
    const auto handler = [this](const auto&, const v1::LedgerRequest& request) -> absl::StatusOr<v1::LedgerResponse> {
      if (!request.name().empty()) {
        arrived_.fetch_add(1);
        release_.WaitForNotification();
      }
      return v1::LedgerResponse();
    };
    for (const char* method : {"Get", "Compute", "Comment", "Put"}) {
      service_.Unary<v1::LedgerRequest, v1::LedgerResponse>(method, Runs::kBlocking, handler);
    }
    service_.ClientStream<v1::LedgerRequest, v1::LedgerResponse>(
        "Load",
        [](const CallContext&) -> absl::StatusOr<std::unique_ptr<StreamSink<v1::LedgerRequest, v1::LedgerResponse>>> {
          return absl::UnimplementedError("not here");
        });
  }
  ~OverloadTest() override { LetGo(); }

  void StartServer(const ServerOptions& options) {
    server_ = std::make_unique<TestServer>(std::vector<Service*>{&service_}, options);
    stub_ = v1::Ledger::NewStub(server_->tcp_channel());
  }
  absl::Status Call(Method method, const std::string& name = "", const std::string& who = "") {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    if (!who.empty()) {
      context.AddMetadata("x-orewatch-principal", who);
    }
    v1::LedgerRequest request;
    request.set_name(name);
    v1::LedgerResponse response;
    return FromGrpc((stub_.get()->*method)(&context, request, &response));
  }
  // So many calls that wait, in flight on return.
  void Occupy(Method method, int count) {
    // Calls that have been answered give their places back a little later.
    AwaitInFlight(occupied_);
    occupied_ += count;
    for (int i = 0; i < count; ++i) {
      waiting_.emplace_back([this, method] { EXPECT_THAT(Call(method, "wait"), IsOk()); });
    }
    AwaitInFlight(occupied_);
  }
  // So many calls, of which some are refused before this returns; the others wait.
  void Crowd(Method method, int count, int refused) {
    const int expected = refused_.load() + refused;
    for (int i = 0; i < count; ++i) {
      waiting_.emplace_back([this, method] {
        if (const absl::Status status = Call(method, "wait"); !status.ok()) {
          EXPECT_THAT(status, HasError(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
          refused_.fetch_add(1);
        }
      });
    }
    while (refused_.load() < expected) {
      std::this_thread::yield();
    }
  }
  void AwaitInFlight(int count) const {
    const std::string line = absl::StrCat("\norewatch_grpc_in_flight ", count, "\n");
    const absl::Time give_up = absl::Now() + absl::Seconds(10);
    while (!absl::StrContains(server_->metrics(), line)) {
      ASSERT_LT(absl::Now(), give_up) << "never" << line;
      std::this_thread::yield();
    }
  }
  void LetGo() {
    if (!release_.HasBeenNotified()) {
      release_.Notify();
    }
    for (std::thread& thread : waiting_) {
      thread.join();
    }
    waiting_.clear();
  }

  std::atomic<int> arrived_{0};
  std::atomic<int> refused_{0};
  int occupied_ = 0;
  absl::Notification release_;
  Service service_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<v1::Ledger::Stub> stub_;
  std::vector<std::thread> waiting_;
};

TEST_F(OverloadTest, EachPriorityHasItsShareOfThePlaces) {
  ServerOptions options;
  options.limits.max_in_flight = 10;
  options.limits.blocking_threads = 20;
  StartServer(options);
  Occupy(kBatch, 5);
  const absl::Status early = Call(kBatch);
  EXPECT_THAT(early, HasError(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  EXPECT_THAT(Call(kRead), IsOk());
  Occupy(kRead, 4);
  const absl::Status late = Call(kBatch);
  EXPECT_THAT(Call(kRead), HasError(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  EXPECT_THAT(Call(kAcknowledge), IsOk());
  EXPECT_GT(RetryDelay(late), RetryDelay(early)) << "the fuller, the later";
  Occupy(kAcknowledge, 1);
  EXPECT_THAT(Call(kAcknowledge), HasError(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  const std::string page = server_->metrics();
  EXPECT_THAT(page, HasSubstr("orewatch_grpc_rejected_total{priority=\"batch\",reason=\"concurrency\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("orewatch_grpc_rejected_total{priority=\"read\",reason=\"concurrency\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("orewatch_grpc_rejected_total{priority=\"acknowledge\",reason=\"concurrency\"} 1\n"));
}

TEST_F(OverloadTest, EachPriorityHasItsShareOfTheQueueAndWhatIsAcknowledgedGoesFirst) {
  ServerOptions options;
  options.limits.blocking_threads = 1;
  options.limits.blocking_queue = 10;
  options.limits.queue_target = absl::ZeroDuration();
  StartServer(options);
  Occupy(kRead, 1);
  while (arrived_.load() < 1) {
    std::this_thread::yield();
  }
  // The last two of each find no place, whichever they are.
  Crowd(kBatch, 7, 2);
  Crowd(kRead, 6, 2);
  Crowd(kAcknowledge, 3, 2);
  const std::string page = server_->metrics();
  EXPECT_THAT(page, HasSubstr("orewatch_grpc_rejected_total{priority=\"batch\",reason=\"queue_full\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("orewatch_grpc_rejected_total{priority=\"read\",reason=\"queue_full\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("orewatch_grpc_rejected_total{priority=\"acknowledge\",reason=\"queue_full\"} 2\n"));
  LetGo();
  EXPECT_EQ(refused_.load(), 6);
}

TEST_F(OverloadTest, AQueueThatStandsStillTakesNoMoreBatchCalls) {
  ServerOptions options;
  options.limits.blocking_threads = 1;
  options.limits.queue_target = absl::Milliseconds(1);
  StartServer(options);
  Occupy(kAcknowledge, 2);
  // The second waits for the only thread; once it has waited for too long batch calls are refused.
  absl::Status refused;
  while (refused.ok()) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Milliseconds(50)));
    v1::LedgerResponse response;
    const absl::Status status = FromGrpc(stub_->Compute(&context, {}, &response));
    refused = status.code() == absl::StatusCode::kDeadlineExceeded ? absl::OkStatus() : status;
  }
  EXPECT_THAT(refused, HasError(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  EXPECT_THAT(server_->metrics(), HasSubstr("priority=\"batch\",reason=\"queue_slow\"} 1\n"));
  // Whoever acknowledges waits, however long it takes.
  waiting_.emplace_back([this] { EXPECT_THAT(Call(kAcknowledge), IsOk()); });
  LetGo();
  EXPECT_THAT(Call(kBatch), IsOk()) << "the queue is gone";
}

TEST_F(OverloadTest, UnderAFloodOfOthersEveryAcknowledgementGoesThrough) {
  ServerOptions options;
  options.limits.max_in_flight = 20;
  options.limits.blocking_threads = 2;
  StartServer(options);
  std::atomic<bool> stop{false};
  std::atomic<int> refused{0};
  constexpr int kFlood = 30;
  absl::BlockingCounter begun(kFlood);
  std::vector<std::thread> flood;
  flood.reserve(kFlood);
  for (int i = 0; i < kFlood; ++i) {
    flood.emplace_back([&, i] {
      begun.DecrementCount();
      while (!stop.load()) {
        refused += Call(i % 2 == 0 ? kBatch : kRead).ok() ? 0 : 1;
      }
    });
  }
  begun.Wait();
  while (refused.load() < 100) {
    std::this_thread::yield();
  }
  for (int i = 0; i < 200; ++i) {
    EXPECT_THAT(Call(kAcknowledge), IsOk());
  }
  stop.store(true);
  for (std::thread& thread : flood) {
    thread.join();
  }
  EXPECT_THAT(server_->metrics(), HasSubstr("priority=\"acknowledge\",reason=\"concurrency\"} 0\n"));
}

TEST_F(OverloadTest, EachCallerHasAnAllowanceOfTheirOwn) {
  ServerOptions options;
  options.limits.rate = {.cost_per_second = 0.001, .burst = 12};
  options.authenticator = TrustPrincipalHeader();
  StartServer(options);
  EXPECT_THAT(Call(kBatch, "", "ann"), IsOk()) << "costs 10";
  EXPECT_THAT(Call(kRead, "", "ann"), IsOk());
  EXPECT_THAT(Call(kRead, "", "ann"), IsOk());
  const absl::Status refused = Call(kRead, "", "ann");
  EXPECT_THAT(refused, HasError(absl::StatusCode::kResourceExhausted, "RATE_LIMITED"));
  EXPECT_GT(RetryDelay(refused), absl::Seconds(900));
  const auto quota = DetailOf<google::rpc::QuotaFailure>(refused);
  ASSERT_EQ(quota.violations_size(), 1);
  EXPECT_EQ(quota.violations(0).subject(), "principal:ann");
  EXPECT_THAT(Call(kBatch, "", "bob"), IsOk());
  EXPECT_THAT(Call(kBatch), IsOk()) << "those whom nobody knows share what their address has";
  EXPECT_THAT(Call(kBatch), HasError(absl::StatusCode::kResourceExhausted, "RATE_LIMITED"));
  EXPECT_THAT(server_->metrics(), HasSubstr("orewatch_grpc_rejected_total{priority=\"read\",reason=\"rate\"} 1\n"));
}

TEST_F(OverloadTest, WhatAServiceAsksForSomebodyCostsThemNothingMore) {
  ServerOptions options;
  options.limits.rate = {.cost_per_second = 0.001, .burst = 1};
  options.authenticator = [](const grpc::ServerContextBase& context) -> absl::StatusOr<Caller> {
    Caller caller;
    caller.credential = "key";
    caller.through = context.client_metadata().count("x-orewatch-principal") > 0 ? "orewatch-gateway" : "";
    return caller;
  };
  StartServer(options);
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(Call(kBatch, "", "ann"), IsOk());
  }
  EXPECT_THAT(Call(kBatch), IsOk());
  EXPECT_THAT(Call(kBatch), HasError(absl::StatusCode::kResourceExhausted, "RATE_LIMITED"));
}

TEST_F(OverloadTest, WhoProvesNothingHasTheAllowanceOfTheirAddressAndServicesHaveNone) {
  ServerOptions options;
  options.limits.rate = {.cost_per_second = 0.001, .burst = 2};
  options.authenticator = [](const grpc::ServerContextBase& context) -> absl::StatusOr<Caller> {
    if (context.client_metadata().count("x-orewatch-principal") == 0) {
      return MakeError(absl::StatusCode::kUnauthenticated, "NO_CREDENTIAL", "who?");
    }
    Caller caller;
    caller.credential = "key";
    caller.service = true;
    return caller;
  };
  StartServer(options);
  EXPECT_THAT(Call(kRead), HasError(absl::StatusCode::kUnauthenticated, "NO_CREDENTIAL"));
  EXPECT_THAT(Call(kRead), HasError(absl::StatusCode::kUnauthenticated, "NO_CREDENTIAL"));
  EXPECT_THAT(Call(kRead), HasError(absl::StatusCode::kResourceExhausted, "RATE_LIMITED"));
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(Call(kRead, "", "orewatch-risk"), IsOk());
  }
}

TEST(PriorityTest, TheLastPlacesAreForWhoComesFirst) {
  EXPECT_EQ(PlacesFor(access::v1::PRIORITY_BATCH, 1), 1u);
  EXPECT_EQ(PlacesFor(access::v1::PRIORITY_BATCH, 1000), 500u);
  EXPECT_EQ(PlacesFor(access::v1::PRIORITY_READ, 1000), 900u);
  EXPECT_EQ(PlacesFor(access::v1::PRIORITY_ACKNOWLEDGE, 1000), 1000u);
  EXPECT_EQ(PlacesFor(access::v1::PRIORITY_UNSPECIFIED, 10), 9u);
}

TEST_F(OverloadTest, MethodsThatNobodyHasTakeOfTheAllowanceToo) {
  ServerOptions options;
  options.limits.rate.cost_per_second = 1;
  options.limits.rate.burst = 2;
  StartServer(options);
  grpc::TemplatedGenericStub<v1::LedgerRequest, v1::LedgerResponse> stub(server_->tcp_channel());
  const auto call = [&]() -> absl::Status {
    grpc::ClientContext context;
    v1::LedgerRequest request;
    v1::LedgerResponse response;
    grpc::Status status;
    absl::Notification done;
    stub.UnaryCall(&context, "/orewatch.testing.v1.Ledger/Nope", {}, &request, &response, [&](grpc::Status answer) {
      status = std::move(answer);
      done.Notify();
    });
    done.WaitForNotification();
    return FromGrpc(status);
  };
  EXPECT_THAT(call(), HasError(absl::StatusCode::kUnimplemented, "UNKNOWN_METHOD"));
  // However slow this machine is: a call takes less than a second now and then.
  absl::Status status;
  for (int i = 0; i < 1000 && status.code() != absl::StatusCode::kResourceExhausted; ++i) {
    status = call();
  }
  EXPECT_THAT(status, HasError(absl::StatusCode::kResourceExhausted, "RATE_LIMITED"));
}

}  // namespace
}  // namespace orewatch::rpc
