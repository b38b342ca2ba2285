// What becomes of calls whose callers have little time, or give up on the way.
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/call_ledger.h"
#include "common/rpc/grpc_status.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/testing/v1/ledger.grpc.pb.h"

namespace orewatch::rpc {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::TestServer;
namespace v1 = ::orewatch::testing::v1;

class CountingLedger final : public CallLedger {
 public:
  absl::Status MayChange() override { return absl::OkStatus(); }
  void Keep(CallRecord /*record*/, std::function<void(const absl::Status&)> kept) override { kept(absl::OkStatus()); }
  void Note(CallRecord /*record*/) override {
    absl::MutexLock lock(&mutex_);
    ++noted_;
  }
  int noted() {
    absl::MutexLock lock(&mutex_);
    return noted_;
  }

 private:
  absl::Mutex mutex_;
  int noted_ ABSL_GUARDED_BY(mutex_) = 0;
};

class ImpatienceTest : public ::testing::Test {
 protected:
  ImpatienceTest() : service_(v1::LedgerRequest::descriptor()->file()->FindServiceByName("Ledger")) {
    for (const char* method : {"Get", "Compute", "Comment", "Put"}) {
      service_.Unary<v1::LedgerRequest, v1::LedgerResponse>(
          method, Runs::kBlocking,
          [this](const CallContext& context, const auto&) -> absl::StatusOr<v1::LedgerResponse> {
            return handler_(context);
          });
    }
    service_.ClientStream<v1::LedgerRequest, v1::LedgerResponse>(
        "Load",
        [](const CallContext&) -> absl::StatusOr<std::unique_ptr<StreamSink<v1::LedgerRequest, v1::LedgerResponse>>> {
          return absl::UnimplementedError("not here");
        });
  }

  void Serve(ServerOptions options = {}) {
    options.ledger = &ledger_;
    server_ = std::make_unique<TestServer>(std::vector<Service*>{&service_}, options);
    stub_ = v1::Ledger::NewStub(server_->tcp_channel());
  }
  absl::Status Get(absl::Duration timeout) {
    grpc::ClientContext context;
    if (timeout != absl::InfiniteDuration()) {
      context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    }
    v1::LedgerResponse response;
    return FromGrpc(stub_->Get(&context, {}, &response));
  }
  // A call that ends before its message is sent.
  absl::Status GetWithoutMessage() {
    grpc::GenericStub stub(server_->tcp_channel());
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    const auto call = stub.PrepareCall(&context, "/orewatch.testing.v1.Ledger/Get", &queue);
    const auto done = [&queue] {
      void* tag = nullptr;
      bool ok = false;
      queue.Next(&tag, &ok);
    };
    call->StartCall(nullptr);
    done();
    call->WritesDone(nullptr);
    done();
    grpc::Status status;
    call->Finish(&status, nullptr);
    done();
    return FromGrpc(status);
  }
  // Calls are accounted for a little after their answer.
  void AwaitMetric(const std::string& line) {
    const absl::Time give_up = absl::Now() + absl::Seconds(10);
    while (!absl::StrContains(server_->metrics(), absl::StrCat("\n", line, "\n"))) {
      ASSERT_LT(absl::Now(), give_up) << "never " << line << " in\n" << server_->metrics();
      std::this_thread::yield();
    }
  }
  static std::string Handled(const std::string& code, int count) {
    return absl::StrCat("grpc_server_handled_total{grpc_code=\"", code,
                        R"(",grpc_method="Get",grpc_service="orewatch.testing.v1.Ledger",grpc_type="unary"} )", count);
  }
  static std::string Impatient(int count) {
    return absl::StrCat(
        R"(orewatch_grpc_impatient_calls_total{grpc_method="Get",grpc_service="orewatch.testing.v1.Ledger"} )", count);
  }
  static std::string Rejected(const std::string& reason, int count) {
    return absl::StrCat("orewatch_grpc_rejected_total{priority=\"read\",reason=\"", reason, "\"} ", count);
  }

  std::function<absl::StatusOr<v1::LedgerResponse>(const CallContext&)> handler_ = [](const CallContext&) {
    return v1::LedgerResponse();
  };
  CountingLedger ledger_;
  Service service_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<v1::Ledger::Stub> stub_;
};

// Returns when the caller has gone.
absl::StatusOr<v1::LedgerResponse> AnswerTooLate(const CallContext& context) {
  absl::Notification gone;
  context.OnCancel([&gone] { gone.Notify(); });
  gone.WaitForNotification();
  return MakeError(absl::StatusCode::kUnavailable, "NO_SECTION", "nobody answered");
}

TEST_F(ImpatienceTest, ACallThatIsGivenUpOnItsWayIsNoMalformedRequest) {
  Serve();
  EXPECT_THAT(GetWithoutMessage(), HasCode(absl::StatusCode::kCancelled));
  AwaitMetric(Handled("Canceled", 1));
  AwaitMetric(Handled("InvalidArgument", 0));
  AwaitMetric(
      R"(grpc_server_msg_received_total{grpc_method="Get",grpc_service="orewatch.testing.v1.Ledger",grpc_type="unary"} 0)");
  EXPECT_EQ(ledger_.noted(), 0);
}

TEST_F(ImpatienceTest, WhoGivesTooLittleTimeIsRefused) {
  ServerOptions options;
  options.limits.min_deadline = absl::Seconds(1);
  Serve(options);
  EXPECT_THAT(Get(absl::Milliseconds(900)), HasError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_TOO_SHORT"));
  AwaitMetric(Rejected("deadline_too_short", 1));
  EXPECT_THAT(Get(absl::Seconds(20)), IsOk());
  EXPECT_THAT(Get(absl::InfiniteDuration()), IsOk());
  AwaitMetric(Rejected("no_deadline", 0));
  EXPECT_EQ(ledger_.noted(), 0);
}

TEST_F(ImpatienceTest, WhoGivesNoDeadlineIsRefusedWhereOneMust) {
  ServerOptions options;
  options.limits.require_deadline = true;
  Serve(options);
  EXPECT_THAT(Get(absl::InfiniteDuration()), HasError(absl::StatusCode::kInvalidArgument, "NO_DEADLINE"));
  AwaitMetric(Rejected("no_deadline", 1));
  EXPECT_THAT(Get(absl::Seconds(20)), IsOk());
}

TEST_F(ImpatienceTest, ImpatienceIsToldFromSlowness) {
  handler_ = AnswerTooLate;
  Serve();
  // What the caller sees is counted, whatever the handler makes of it.
  EXPECT_THAT(Get(absl::Milliseconds(100)), HasCode(absl::StatusCode::kDeadlineExceeded));
  AwaitMetric(Handled("DeadlineExceeded", 1));
  AwaitMetric(Impatient(1));
  EXPECT_THAT(Get(absl::Milliseconds(400)), HasCode(absl::StatusCode::kDeadlineExceeded));
  AwaitMetric(Handled("DeadlineExceeded", 2));
  AwaitMetric(Handled("Unavailable", 0));
  AwaitMetric(Impatient(1));
}

}  // namespace
}  // namespace orewatch::rpc
