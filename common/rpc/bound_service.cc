#include "common/rpc/bound_service.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/log/log.h"
#include "common/rpc/call_log.h"
#include "common/rpc/call_trace.h"
#include "common/rpc/deadline.h"
#include "common/rpc/ended_call.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/method_traits.h"
#include "common/rpc/rate_limiter.h"
#include "common/rpc/sink_call.h"
#include "common/rpc/source_call.h"
#include "common/rpc/unary_call.h"
#include "common/status/status.h"
#include "common/time/steady.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"

namespace orewatch::rpc {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::internal::RpcMethod;

constexpr char kUnknownMethod[] = "UNKNOWN_METHOD";
constexpr size_t kMaxMethodBytes = 200;

RpcMethod::RpcType TypeOf(const Service::Method& method) {
  if (method.open_source != nullptr) {
    return RpcMethod::SERVER_STREAMING;
  }
  return method.open_sink != nullptr ? RpcMethod::CLIENT_STREAMING : RpcMethod::NORMAL_RPC;
}

// `/package.Service/Method`, or whatever stands in its place: then it is all method.
std::pair<std::string, std::string> SplitPath(const std::string& path) {
  const size_t end = path.rfind('/');
  if (path.empty() || path.front() != '/' || end == 0) {
    return {"", path};
  }
  return {path.substr(1, end - 1), path.substr(end + 1)};
}

grpc::internal::MethodHandler* MakeHandler(const BoundMethod& bound, CallRuntime& runtime) {
  switch (TypeOf(bound.method)) {
    case RpcMethod::SERVER_STREAMING:
      return new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
          [&bound, &runtime](CallbackServerContext* transport, const ByteBuffer* request) {
            return SourceCall::Start(bound, runtime, *transport, const_cast<ByteBuffer&>(*request));
          });
    case RpcMethod::CLIENT_STREAMING:
      return new grpc::internal::CallbackClientStreamingHandler<ByteBuffer, ByteBuffer>(
          [&bound, &runtime](CallbackServerContext* transport, ByteBuffer* response) {
            return SinkCall::Start(bound, runtime, *transport, *response);
          });
    default:
      return new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
          [&bound, &runtime](CallbackServerContext* transport, const ByteBuffer* request, ByteBuffer* response) {
            auto* call = new UnaryCall(bound, runtime, *transport, *response);
            // It is the call's own, and nobody reads it after.
            call->Start(const_cast<ByteBuffer&>(*request));
            return call;
          });
  }
}

}  // namespace

BoundService::BoundService(const rpc::Service& table, CallRuntime& runtime, RpcMetrics& metrics, bool infrastructure)
    : runtime_(runtime) {
  for (const auto& [name, method] : table.methods()) {
    const bool watch = !infrastructure && method.open_source != nullptr && absl::StartsWith(name, "Watch");
    methods_.push_back({method, metrics.ForMethod(*method.descriptor), infrastructure, watch,
                        AccessOf(*method.descriptor), !infrastructure && MayChangeSomething(*method.descriptor)});
    paths_.push_back(absl::StrCat("/", table.descriptor()->full_name(), "/", name));
    Register(paths_.back(), methods_.back());
  }
}

void BoundService::Register(const std::string& path, const BoundMethod& bound) {
  const auto index = static_cast<int>(methods_.size()) - 1;
  AddMethod(new grpc::internal::RpcServiceMethod(path.c_str(), TypeOf(bound.method), nullptr));
  MarkMethodRawCallback(index, MakeHandler(bound, runtime_));
}

grpc::ServerGenericBidiReactor* UnknownMethods::CreateReactor(grpc::GenericCallbackServerContext* context) {
  class Refusal final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Refusal(const grpc::Status& status) { Finish(status); }
    void OnDone() override { delete this; }
  };
  const TracePtr trace = TraceOf(*context);
  const std::string method = context->method().substr(0, kMaxMethodBytes);
  const std::string peer = context->peer();
  const absl::Status status = Refuse(peer, method);
  Account(*context, peer, method, status, trace);
  context->AddTrailingMetadata(kTraceIdHeader, std::string(trace->id));
  return new Refusal(ToGrpc(status, trace->id.view()));
}

absl::Status UnknownMethods::Refuse(const std::string& peer, const std::string& method) {
  // Nobody asks who calls, so that where they are is what is limited.
  OREWATCH_RETURN_IF_ERROR(runtime_.Spend(absl::StrCat("peer:", HostOfPeer(peer)), 1, access::v1::PRIORITY_READ));
  return MakeError(absl::StatusCode::kUnimplemented, kUnknownMethod, absl::StrCat("no method ", method));
}

// Everything there is to say of it is known as it comes.
void UnknownMethods::Account(const grpc::GenericCallbackServerContext& context, const std::string& peer,
                             const std::string& method, const absl::Status& status, const TracePtr& trace) {
  const std::string reason = ErrorReason(status);
  const absl::Time now = absl::Now();
  runtime_.intake().NoteCall(peer);
  runtime_.intake().NoteEnd(peer);
  metrics_.started->Increment();
  metrics_.handled.at(static_cast<size_t>(status.code()))->Increment();
  if (runtime_.ledger() != nullptr) {
    CallRecord record;
    record.start = now;
    record.peer = peer;
    record.trace_id = std::string(trace->id);
    record.method = method;
    record.code = record.told = status.code();
    record.reason = reason;
    runtime_.ledger()->Note(std::move(record));
  }
  const auto level = LevelOf(status.code(), reason, runtime_.call_log());
  if (level.has_value() && log::Enabled(*level)) {
    const std::pair<std::string, std::string> parts = SplitPath(method);
    EndedCall ended = {trace, parts.first, parts.second, status.code(), reason};
    ended.peer = peer;
    ended.started = ended.ended = SteadyNow();
    ended.deadline = DeadlineOf(context);
    WriteLine(*level, ended);
  }
}

}  // namespace orewatch::rpc
