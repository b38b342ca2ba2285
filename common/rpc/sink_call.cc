#include "common/rpc/sink_call.h"

#include <utility>

#include "common/rpc/grpc_status.h"
#include "common/status/status.h"

namespace orewatch::rpc {

SinkCall::SinkCall(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport,
                   grpc::ByteBuffer& response)
    : call_(bound, runtime, transport), response_(response) {}

void SinkCall::Start() {
  if (absl::Status status = Prepare(); !status.ok()) {
    End(std::move(status));
  } else {
    StartRead(&buffer_);
  }
}

absl::Status SinkCall::Prepare() {
  OREWATCH_RETURN_IF_ERROR(call_.runtime().AdmitStream(this, call_.bound().infrastructure));
  admitted_ = true;
  OREWATCH_RETURN_IF_ERROR(call_.StillWanted());
  return call_.Authorize();
}

absl::Status SinkCall::Open() {
  if (sink_.receive != nullptr) {
    return absl::OkStatus();
  }
  OREWATCH_ASSIGN_OR_RETURN(sink_, call_.bound().method.open_sink(call_.context()));
  return absl::OkStatus();
}

void SinkCall::OnReadDone(bool ok) {
  call_.runtime().RunStream([this, ok] { ok ? TakeMessage() : TakeEnd(); });
}

void SinkCall::TakeMessage() {
  absl::Status status = Call::Guard(call_.bound(), [this]() -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(call_.StillWanted());
    OREWATCH_ASSIGN_OR_RETURN(const Service::MessagePtr message, call_.Decode(buffer_));
    OREWATCH_RETURN_IF_ERROR(Open());
    return sink_.receive(*message);
  });
  if (!status.ok()) {
    return End(std::move(status));
  }
  buffer_.Clear();
  StartRead(&buffer_);
}

void SinkCall::TakeEnd() {
  End(Call::Guard(call_.bound(), [this]() -> absl::Status {
    // A failed read and the end of the stream look alike; only the second leaves a caller.
    OREWATCH_RETURN_IF_ERROR(call_.StillWanted());
    OREWATCH_RETURN_IF_ERROR(Open());
    OREWATCH_ASSIGN_OR_RETURN(const Service::MessagePtr answer, sink_.finish());
    OREWATCH_RETURN_IF_ERROR(Call::Encode(*answer, response_));
    call_.bound().metrics.sent->Increment();
    return absl::OkStatus();
  }));
}

void SinkCall::End(absl::Status status) {
  status_ = std::move(status);
  sink_ = {};
  Finish(ToGrpc(status_));
}

void SinkCall::OnDone() {
  if (admitted_) {
    call_.runtime().ReleaseStream(this, call_.bound().infrastructure);
  }
  call_.Account(status_);
  delete this;
}

}  // namespace orewatch::rpc
