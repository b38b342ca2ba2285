// How one request is followed from service to service.
#include "common/trace/trace.h"

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/log/log.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/testing/v1/echo.grpc.pb.h"

namespace orewatch::rpc {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::TestServer;
using ::testing::MatchesRegex;
namespace v1 = ::orewatch::testing::v1;

constexpr char kId[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class EndedSource final : public StreamSource<v1::CountResponse> {
 public:
  absl::StatusOr<Poll> Next(v1::CountResponse&) override { return Poll::kEnd; }
};

// A service whose handlers keep the trace that they saw.
class TraceTest : public ::testing::Test {
 protected:
  TraceTest() : service_(v1::SayRequest::descriptor()->file()->FindServiceByName("Echo")) {
    const auto say = [this](const CallContext& context,
                            const v1::SayRequest& request) -> absl::StatusOr<v1::SayResponse> {
      seen_ = context.caller().trace;
      in_scope_ = TraceScope::Current();
      if (request.text() == "internal") {
        return MakeError(absl::StatusCode::kInternal, "BROKEN", "it broke");
      }
      return request.text().empty()
                 ? absl::StatusOr<v1::SayResponse>(MakeError(absl::StatusCode::kNotFound, "NO", "no"))
                 : v1::SayResponse();
    };
    service_.Unary<v1::SayRequest, v1::SayResponse>("Say", Runs::kInline, say);
    service_.Unary<v1::SayRequest, v1::SayResponse>("SayBlocking", Runs::kBlocking, say);
    service_.Unary<v1::SayRequest, v1::SayResponse>("GetLater", Runs::kInline, say);
    for (const char* method : {"Count", "WatchCount"}) {
      service_.ServerStream<v1::CountRequest, v1::CountResponse>(
          method, [this](const CallContext& context, const auto&, const Waker&) {
            seen_ = context.caller().trace;
            in_scope_ = TraceScope::Current();
            return std::make_unique<EndedSource>();
          });
    }
    service_.ClientStream<v1::SumRequest, v1::SumResponse>(
        "Sum", [](const auto&) { return std::unique_ptr<StreamSink<v1::SumRequest, v1::SumResponse>>(); });
    Serve(CallLog::kFaults);
  }

  void Serve(CallLog call_log, const Authenticator& authenticator = AllowAnonymous()) {
    ServerOptions options;
    options.call_log = call_log;
    options.authenticator = authenticator;
    server_ = std::make_unique<TestServer>(std::vector<Service*>{&service_}, options);
    stub_ = v1::Echo::NewStub(server_->tcp_channel());
  }
  grpc::Status Say(grpc::ClientContext& context, const std::string& text = "a") {
    v1::SayRequest request;
    request.set_text(text);
    v1::SayResponse response;
    return stub_->SayBlocking(&context, request, &response);
  }
  // Of a method that no service has.
  grpc::Status CallUnknown(grpc::ClientContext& context, const std::string& path) {
    grpc::GenericStub stub(server_->tcp_channel());
    const grpc::Slice empty;
    const grpc::ByteBuffer request(&empty, 1);
    grpc::ByteBuffer response;
    absl::Notification done;
    grpc::Status status;
    stub.UnaryCall(&context, path, {}, &request, &response, [&](grpc::Status answer) {
      status = std::move(answer);
      done.Notify();
    });
    done.WaitForNotification();
    return status;
  }
  // The lines of calls that `body` leads to.
  std::vector<nlohmann::json> LinesOf(const std::function<void()>& body) {
    log::Flush();
    ::testing::internal::CaptureStderr();
    body();
    // A call is accounted for after its answer; a server that has ended has accounted for all.
    stub_.reset();
    server_.reset();
    log::Flush();
    std::vector<nlohmann::json> lines;
    std::istringstream text(::testing::internal::GetCapturedStderr());
    for (std::string line; std::getline(text, line);) {
      nlohmann::json parsed = nlohmann::json::parse(line, nullptr, false);
      if (parsed.is_object() && parsed["msg"] == "rpc") {
        lines.push_back(std::move(parsed));
      }
    }
    return lines;
  }

  Service service_;
  TracePtr seen_;
  TracePtr in_scope_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<v1::Echo::Stub> stub_;
};

TEST_F(TraceTest, ACallIsASpanOfTheTraceItComesWith) {
  grpc::ClientContext context;
  context.AddMetadata("traceparent", kParent);
  context.AddMetadata("tracestate", "a=1");
  ASSERT_TRUE(Say(context).ok());
  EXPECT_EQ(seen_->id, kId);
  EXPECT_EQ(seen_->parent, "b7ad6b7169203331");
  EXPECT_TRUE(seen_->sampled);
  EXPECT_EQ(seen_->state, "a=1");
  EXPECT_EQ(in_scope_, seen_);
  const auto& told = context.GetServerInitialMetadata();
  ASSERT_EQ(told.count("x-trace-id"), 1u);
  EXPECT_EQ(std::string(told.find("x-trace-id")->second.data(), 32), kId);
}

TEST_F(TraceTest, AMalformedTraceIsNoError) {
  for (const std::string& malformed : {std::string("x"), std::string(4000, '0'), std::string(kParent) + "0"}) {
    grpc::ClientContext context;
    context.AddMetadata("traceparent", malformed);
    ASSERT_TRUE(Say(context).ok());
    EXPECT_THAT(std::string(seen_->id), MatchesRegex("[0-9a-f]{32}"));
    EXPECT_NE(seen_->id, kId);
  }
  grpc::ClientContext twice;
  twice.AddMetadata("traceparent", kParent);
  twice.AddMetadata("traceparent", kParent);
  ASSERT_TRUE(Say(twice).ok());
  EXPECT_NE(seen_->id, kId);
}

TEST_F(TraceTest, AStateThatComesInPartsIsHandedOnWhole) {
  grpc::ClientContext context;
  context.AddMetadata("traceparent", kParent);
  context.AddMetadata("tracestate", "a=1");
  context.AddMetadata("tracestate", "b=2");
  ASSERT_TRUE(Say(context).ok());
  EXPECT_EQ(seen_->state, "a=1,b=2");
}

TEST_F(TraceTest, CallsOfAThreadAreOfItsTrace) {
  const TracePtr ours = BeginTrace();
  {
    const TraceScope scope(ours);
    grpc::ClientContext context;
    ASSERT_TRUE(Say(context).ok());
    EXPECT_EQ(seen_->id, ours->id);
    EXPECT_EQ(seen_->parent, ours->span);
    grpc::ClientContext streaming;
    auto reader = stub_->Count(&streaming, {});
    ASSERT_TRUE(reader->Finish().ok());
    EXPECT_EQ(seen_->id, ours->id);
    EXPECT_EQ(in_scope_->id, ours->id);
  }
  grpc::ClientContext context;
  ASSERT_TRUE(Say(context).ok());
  EXPECT_NE(seen_->id, ours->id);
  EXPECT_NE(seen_->parent, "");
}

TEST_F(TraceTest, WhoSpeaksForACallerHandsItsTraceOn) {
  Caller caller;
  caller.trace = ContinueTrace(kParent, "a=1");
  grpc::ClientContext context;
  SpeakFor(caller, context);
  ASSERT_TRUE(Say(context).ok());
  EXPECT_EQ(seen_->id, kId);
  EXPECT_EQ(seen_->parent, caller.trace->span);
  EXPECT_EQ(seen_->state, "a=1");
}

TEST_F(TraceTest, AnErrorNamesTheTrace) {
  grpc::ClientContext context;
  context.AddMetadata("traceparent", kParent);
  const absl::Status error = FromGrpc(Say(context, ""));
  EXPECT_THAT(error, HasCode(absl::StatusCode::kNotFound));
  EXPECT_EQ(ErrorReason(error), "NO");
  EXPECT_EQ(RequestIdOf(error), kId);
  // In trailers alone, as of every error: else clients would not try again.
  EXPECT_EQ(context.GetServerTrailingMetadata().count("x-trace-id"), 1U);
}

TEST_F(TraceTest, OnlyFaultsAreWorthALine) {
  const auto lines = LinesOf([this] {
    grpc::ClientContext well;
    Say(well);
    grpc::ClientContext mistaken;
    Say(mistaken, "");
    grpc::ClientContext broken;
    broken.AddMetadata("traceparent", kParent);
    broken.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    Say(broken, "internal");
  });
  ASSERT_EQ(lines.size(), 1u);
  const nlohmann::json& line = lines.front();
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["trace_id"], kId);
  EXPECT_EQ(line["parent_id"], "b7ad6b7169203331");
  EXPECT_EQ(line["span_id"], std::string(seen_->span));
  EXPECT_EQ(line["grpc_method"], "SayBlocking");
  EXPECT_EQ(line["code"], "Internal");
  EXPECT_EQ(line["reason"], "BROKEN");
  EXPECT_EQ(line["principal"], "anonymous");
  EXPECT_GT(line["remaining_ms"], 0);
  EXPECT_GT(line["deadline_ms"], line["remaining_ms"]);
}

TEST_F(TraceTest, AllCallsGetALineIfThatIsWanted) {
  Serve(CallLog::kAll);
  const auto lines = LinesOf([this] {
    grpc::ClientContext context;
    Say(context);
  });
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines.front()["level"], "info");
  EXPECT_EQ(lines.front()["code"], "OK");
}

TEST_F(TraceTest, NoCallGetsALineIfThatIsWanted) {
  Serve(CallLog::kNone);
  EXPECT_TRUE(LinesOf([this] {
                grpc::ClientContext context;
                Say(context, "internal");
              }).empty());
}

TEST_F(TraceTest, ACallOfNoMethodIsPartOfItsTraceToo) {
  Serve(CallLog::kAll);
  absl::Status error;
  const auto lines = LinesOf([&] {
    grpc::ClientContext context;
    context.AddMetadata("traceparent", kParent);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    error = FromGrpc(CallUnknown(context, "/orewatch.testing.v1.Echo/Nope"));
    EXPECT_EQ(context.GetServerTrailingMetadata().count("x-trace-id"), 1U);
  });
  EXPECT_EQ(ErrorReason(error), "UNKNOWN_METHOD");
  EXPECT_EQ(RequestIdOf(error), kId);
  ASSERT_EQ(lines.size(), 1u);
  const nlohmann::json& line = lines.front();
  EXPECT_EQ(line["trace_id"], kId);
  EXPECT_EQ(line["parent_id"], "b7ad6b7169203331");
  EXPECT_EQ(line["grpc_service"], "orewatch.testing.v1.Echo");
  EXPECT_EQ(line["grpc_method"], "Nope");
  EXPECT_EQ(line["code"], "Unimplemented");
  EXPECT_EQ(line["reason"], "UNKNOWN_METHOD");
  EXPECT_GT(line["deadline_ms"], 0);
}

TEST_F(TraceTest, WhatIsNoPathOfAMethodIsAllMethod) {
  Serve(CallLog::kAll);
  const auto lines = LinesOf([&] {
    for (const std::string& path : {std::string("/Nope"), "/" + std::string(500, 'x')}) {
      grpc::ClientContext context;
      EXPECT_NE(RequestIdOf(FromGrpc(CallUnknown(context, path))), "");
    }
  });
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["grpc_service"], "");
  EXPECT_EQ(lines[0]["grpc_method"], "/Nope");
  EXPECT_EQ(lines[1]["grpc_method"].get<std::string>().size(), 200U);
}

TEST_F(TraceTest, ACallOfNobodyKnownIsPartOfItsTraceToo) {
  Serve(CallLog::kFaults, [](const auto&) -> absl::StatusOr<Caller> {
    return MakeError(absl::StatusCode::kUnauthenticated, "NO_CREDENTIAL", "who are you?");
  });
  absl::Status error;
  const auto lines = LinesOf([&] {
    grpc::ClientContext context;
    context.AddMetadata("traceparent", kParent);
    error = FromGrpc(Say(context));
    EXPECT_EQ(context.GetServerTrailingMetadata().count("x-trace-id"), 1U);
  });
  EXPECT_EQ(RequestIdOf(error), kId);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines.front()["trace_id"], kId);
  EXPECT_EQ(lines.front()["reason"], "NO_CREDENTIAL");
}

}  // namespace
}  // namespace orewatch::rpc
