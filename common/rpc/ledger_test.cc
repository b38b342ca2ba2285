// What is entered in the ledger of a server, and that callers hear of a change only then.
#include <map>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/call_ledger.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/subject.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/testing/v1/ledger.grpc.pb.h"

namespace orewatch::rpc {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::orewatch::testing::TestServer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace v1 = ::orewatch::testing::v1;

// Remembers what it is told; answers at once, or when it is told to.
class MemoryLedger final : public CallLedger {
 public:
  absl::Status MayChange() override {
    absl::MutexLock lock(&mutex_);
    return may_change_;
  }
  void Keep(CallRecord record, std::function<void(const absl::Status&)> kept) override {
    absl::Status answer;
    {
      absl::MutexLock lock(&mutex_);
      kept_.push_back(std::move(record));
      if (held_) {
        waiting_.push_back(std::move(kept));
        return;
      }
      answer = answer_;
    }
    kept(answer);
  }
  void Note(CallRecord record) override {
    absl::MutexLock lock(&mutex_);
    noted_.push_back(std::move(record));
  }

  void set_answer(const absl::Status& answer) {
    absl::MutexLock lock(&mutex_);
    answer_ = answer;
  }
  void set_may_change(const absl::Status& may_change) {
    absl::MutexLock lock(&mutex_);
    may_change_ = may_change;
  }
  void Hold() {
    absl::MutexLock lock(&mutex_);
    held_ = true;
  }
  // Waits until somebody waits, and lets them go.
  void Release() {
    std::vector<std::function<void(const absl::Status&)>> waiting;
    {
      const auto some = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !waiting_.empty(); };
      absl::MutexLock lock(&mutex_, absl::Condition(&some));
      held_ = false;
      waiting.swap(waiting_);
    }
    for (const auto& kept : waiting) {
      kept(absl::OkStatus());
    }
  }
  std::vector<CallRecord> kept() {
    absl::MutexLock lock(&mutex_);
    return kept_;
  }
  std::vector<CallRecord> noted() {
    absl::MutexLock lock(&mutex_);
    return noted_;
  }

 private:
  absl::Mutex mutex_;
  absl::Status answer_ ABSL_GUARDED_BY(mutex_);
  absl::Status may_change_ ABSL_GUARDED_BY(mutex_);
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::function<void(const absl::Status&)>> waiting_ ABSL_GUARDED_BY(mutex_);
  std::vector<CallRecord> kept_ ABSL_GUARDED_BY(mutex_);
  std::vector<CallRecord> noted_ ABSL_GUARDED_BY(mutex_);
};

// Takes the role from the name.
absl::StatusOr<Caller> Known(const grpc::ServerContextBase& context) {
  static const auto* const roles = new std::map<std::string, access::v1::Role>{
      {"vera", access::v1::ROLE_VIEWER}, {"anna", access::v1::ROLE_ANALYST}, {"olga", access::v1::ROLE_OPERATOR}};
  const auto header = context.client_metadata().find("x-who");
  if (header == context.client_metadata().end()) {
    return MakeError(absl::StatusCode::kUnauthenticated, "NO_CREDENTIAL", "who are you?");
  }
  const std::string who(header->second.data(), header->second.size());
  return Caller{who, roles->at(who), "token", ""};
}

class SumSink final : public StreamSink<v1::LedgerRequest, v1::LedgerResponse> {
 public:
  absl::Status Receive(const v1::LedgerRequest& request) override {
    return request.name() == "bad" ? InvalidField("name", "is bad") : absl::OkStatus();
  }
  absl::StatusOr<v1::LedgerResponse> Finish() override {
    return ParseProto<v1::LedgerResponse>("revision { number: 9 }");
  }
};

class LedgerTest : public ::testing::Test {
 protected:
  using Handler = std::function<absl::StatusOr<v1::LedgerResponse>(const CallContext&, const v1::LedgerRequest&)>;

  LedgerTest() : service_(v1::LedgerRequest::descriptor()->file()->FindServiceByName("Ledger")) {
    for (const char* method : {"Get", "Compute", "Comment", "Put"}) {
      service_.Unary<v1::LedgerRequest, v1::LedgerResponse>(
          method, Runs::kWriting,
          [this](const auto& context, const auto& request) { return handler_(context, request); });
    }
    service_.ClientStream<v1::LedgerRequest, v1::LedgerResponse>(
        "Load", [](const CallContext&) { return std::make_unique<SumSink>(); });
    ServerOptions options;
    options.ledger = &ledger_;
    options.authenticator = Known;
    server_ = std::make_unique<TestServer>(std::vector<Service*>{&service_}, options);
    stub_ = v1::Ledger::NewStub(server_->tcp_channel());
  }

  using Method = grpc::Status (v1::Ledger::Stub::*)(grpc::ClientContext*, const v1::LedgerRequest&,
                                                    v1::LedgerResponse*);
  absl::Status Call(Method method, const std::string& who, const v1::LedgerRequest& request = {},
                    absl::Duration timeout = absl::Seconds(20)) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    if (!who.empty()) {
      context.AddMetadata("x-who", who);
    }
    v1::LedgerResponse response;
    return FromGrpc((stub_.get()->*method)(&context, request, &response));
  }
  absl::Status Load(const std::vector<std::string>& requests) {
    grpc::ClientContext context;
    context.AddMetadata("x-who", "olga");
    v1::LedgerResponse response;
    const auto writer = stub_->Load(&context, &response);
    for (const std::string& request : requests) {
      writer->Write(ParseProto<v1::LedgerRequest>(request));
    }
    writer->WritesDone();
    return FromGrpc(writer->Finish());
  }
  absl::Status Bytes(const std::string& method, const std::string& bytes) {
    grpc::GenericStub stub(server_->tcp_channel());
    grpc::ClientContext context;
    context.AddMetadata("x-who", "olga");
    const grpc::Slice slice(bytes);
    grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    absl::Notification done;
    grpc::Status status;
    stub.UnaryCall(&context, method, {}, &request, &response, [&](grpc::Status answer) {
      status = std::move(answer);
      done.Notify();
    });
    done.WaitForNotification();
    return FromGrpc(status);
  }

  Handler handler_ = [](const auto&, const auto& request) -> absl::StatusOr<v1::LedgerResponse> {
    v1::LedgerResponse response;
    response.set_name(request.name());
    response.mutable_metadata()->mutable_revision()->set_number(7);
    return response;
  };
  MemoryLedger ledger_;
  Service service_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<v1::Ledger::Stub> stub_;
};

TEST_F(LedgerTest, AChangeIsEnteredWithAllThatIsKnownOfIt) {
  ASSERT_THAT(Call(&v1::Ledger::Stub::Put, "olga", ParseProto<v1::LedgerRequest>("name: 'a/1' request_id: 'r'")),
              IsOk());
  const auto kept = ledger_.kept();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_TRUE(kept[0].ran);
  EXPECT_EQ(kept[0].caller->principal, "olga");
  EXPECT_EQ(kept[0].caller->credential, "token");
  EXPECT_EQ(kept[0].method, "orewatch.testing.v1.Ledger/Put");
  EXPECT_THAT(kept[0].subject.resources, ElementsAre("a/1"));
  EXPECT_EQ(kept[0].subject.request_id, "r");
  EXPECT_EQ(kept[0].code, absl::StatusCode::kOk);
  EXPECT_EQ(kept[0].told, absl::StatusCode::kOk);
  EXPECT_EQ(kept[0].revision, 7);
  EXPECT_THAT(kept[0].peer, ::testing::StartsWith("ipv"));
  EXPECT_THAT(ledger_.noted(), IsEmpty());
}

TEST_F(LedgerTest, WhatOnlyAnalystsNeedIsAChangeTooUnlessItSaysOtherwise) {
  ASSERT_THAT(Call(&v1::Ledger::Stub::Comment, "anna"), IsOk());
  ASSERT_THAT(Call(&v1::Ledger::Stub::Get, "anna"), IsOk());
  ASSERT_THAT(Call(&v1::Ledger::Stub::Compute, "anna"), IsOk());
  ASSERT_EQ(ledger_.kept().size(), 1u);
  EXPECT_EQ(ledger_.kept()[0].method, "orewatch.testing.v1.Ledger/Comment");
}

TEST_F(LedgerTest, TheCallerHearsOfAChangeOnlyWhenItIsEntered) {
  ledger_.Hold();
  absl::Notification answered;
  std::thread caller([&] {
    EXPECT_THAT(Call(&v1::Ledger::Stub::Put, "olga"), IsOk());
    answered.Notify();
  });
  EXPECT_THAT(Call(&v1::Ledger::Stub::Get, "olga"), IsOk()) << "others go on";
  EXPECT_FALSE(answered.HasBeenNotified());
  ledger_.Release();
  caller.join();
}

TEST_F(LedgerTest, AChangeThatCouldNotBeEnteredIsNotAcknowledged) {
  ledger_.set_answer(MakeError(absl::StatusCode::kUnavailable, "AUDIT_LOG_UNAVAILABLE", "full"));
  EXPECT_THAT(Call(&v1::Ledger::Stub::Put, "olga"), HasError(absl::StatusCode::kUnavailable, "AUDIT_LOG_UNAVAILABLE"));
  EXPECT_THAT(Load({"name: 'a'"}), HasError(absl::StatusCode::kUnavailable, "AUDIT_LOG_UNAVAILABLE"));
}

TEST_F(LedgerTest, AFailedChangeIsEnteredAsSuch) {
  handler_ = [](const auto&, const auto&) -> absl::StatusOr<v1::LedgerResponse> {
    return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", "none");
  };
  EXPECT_THAT(Call(&v1::Ledger::Stub::Put, "olga"), HasCode(absl::StatusCode::kNotFound));
  handler_ = [](const auto&, const auto&) -> absl::StatusOr<v1::LedgerResponse> { throw std::runtime_error("no"); };
  EXPECT_THAT(Call(&v1::Ledger::Stub::Put, "olga"), HasCode(absl::StatusCode::kInternal));
  const auto kept = ledger_.kept();
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].reason, "NOT_FOUND");
  EXPECT_EQ(kept[1].reason, "HANDLER_FAILED");
}

TEST_F(LedgerTest, WhatWasDoneForACallerWhoHasLeftIsEnteredAsDone) {
  absl::Notification leave;
  handler_ = [&](const CallContext& context, const auto&) -> absl::StatusOr<v1::LedgerResponse> {
    absl::Notification gone;
    context.OnCancel([&] { gone.Notify(); });
    leave.Notify();
    gone.WaitForNotification();
    return v1::LedgerResponse();
  };
  grpc::ClientContext context;
  context.AddMetadata("x-who", "olga");
  std::thread caller([&] {
    v1::LedgerResponse response;
    EXPECT_THAT(FromGrpc(stub_->Put(&context, {}, &response)), HasCode(absl::StatusCode::kCancelled));
  });
  leave.WaitForNotification();
  context.TryCancel();
  caller.join();
  while (ledger_.kept().empty()) {
    std::this_thread::yield();
  }
  EXPECT_EQ(ledger_.kept()[0].code, absl::StatusCode::kOk);
  EXPECT_EQ(ledger_.kept()[0].told, absl::StatusCode::kCancelled);
}

TEST_F(LedgerTest, ChangesAreRefusedBeforeTheyRunWhileTheLedgerIsClosed) {
  bool ran = false;
  handler_ = [&](const auto&, const auto&) {
    ran = true;
    return v1::LedgerResponse();
  };
  ledger_.set_may_change(MakeError(absl::StatusCode::kUnavailable, "AUDIT_LOG_UNAVAILABLE", "full"));
  EXPECT_THAT(Call(&v1::Ledger::Stub::Put, "olga"), HasError(absl::StatusCode::kUnavailable, "AUDIT_LOG_UNAVAILABLE"));
  EXPECT_FALSE(ran);
  EXPECT_THAT(Call(&v1::Ledger::Stub::Get, "olga"), IsOk());
}

TEST_F(LedgerTest, RefusalsAreNoted) {
  EXPECT_THAT(Call(&v1::Ledger::Stub::Get, ""), HasCode(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(Call(&v1::Ledger::Stub::Put, "vera"), HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Bytes("/orewatch.testing.v1.Ledger/Get", "\xff\xff"),
              HasError(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST"));
  EXPECT_THAT(Bytes("/orewatch.testing.v1.Ledger/Nothing", ""),
              HasError(absl::StatusCode::kUnimplemented, "UNKNOWN_METHOD"));
  handler_ = [](const auto&, const auto&) -> absl::StatusOr<v1::LedgerResponse> {
    return MakeError(absl::StatusCode::kPermissionDenied, "NOT_YOURS", "no");
  };
  EXPECT_THAT(Call(&v1::Ledger::Stub::Get, "vera"), HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(ledger_.kept(), IsEmpty());
  const auto noted = ledger_.noted();
  ASSERT_EQ(noted.size(), 5u);
  EXPECT_EQ(noted[0].reason, "NO_CREDENTIAL");
  EXPECT_FALSE(noted[0].caller.has_value());
  EXPECT_EQ(noted[1].reason, "ROLE_MISSING");
  EXPECT_EQ(noted[1].caller->principal, "vera");
  EXPECT_FALSE(noted[1].ran);
  EXPECT_EQ(noted[2].reason, "MALFORMED_REQUEST");
  EXPECT_EQ(noted[3].method, "/orewatch.testing.v1.Ledger/Nothing");
  EXPECT_EQ(noted[4].reason, "NOT_YOURS");
  EXPECT_TRUE(noted[4].ran);
}

TEST_F(LedgerTest, AStreamIsOneEntry) {
  ASSERT_THAT(Load({"name: 'a' request_id: 'r'", "name: 'b'", "changes { name: 'c' } changes { entry { name: 'd' } }"}),
              IsOk());
  EXPECT_THAT(Load({"name: 'a'", "name: 'bad'"}), HasCode(absl::StatusCode::kInvalidArgument));
  const auto kept = ledger_.kept();
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_THAT(kept[0].subject.resources, ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(kept[0].subject.count, 4);
  EXPECT_EQ(kept[0].subject.request_id, "r");
  EXPECT_EQ(kept[0].revision, 9);
  EXPECT_EQ(kept[1].reason, "INVALID_FIELD");
}

TEST(SubjectTest, IsReadOffTheFieldsThatHaveTheUsualNames) {
  const auto& method = *v1::LedgerRequest::descriptor()->file()->service(0)->FindMethodByName("Put");
  const auto subject = [&](const std::string& request) {
    return SubjectOf(method, ParseProto<v1::LedgerRequest>(request));
  };
  EXPECT_THAT(subject("name: 'a'").resources, ElementsAre("a"));
  EXPECT_THAT(subject("entry { name: 'a' }").resources, ElementsAre("a"));
  EXPECT_THAT(subject("entry_id: 'x' parent: 'p/1'").resources, ElementsAre("p/1/x"));
  EXPECT_THAT(subject("").resources, IsEmpty());
  EXPECT_EQ(subject("").count, 0);
  const Subject many = subject(
      "changes { name: '1' } changes { } changes { entry { entry { name: '3' } } }"
      "changes { name: '4' } changes { name: '5' } changes { name: '6' } changes { name: '7' }");
  EXPECT_EQ(many.count, 7);
  EXPECT_THAT(many.resources, ElementsAre("1", "3", "4", "5"));
  EXPECT_EQ(subject("names: 'a' names: 'b'").count, 2);
  const std::string longest(1000, 'x');
  EXPECT_EQ(subject(absl::StrCat("name: '", longest, "'")).resources[0].size(), 200u);
}

}  // namespace
}  // namespace orewatch::rpc
