#include "common/rpc/sink_call.h"

#include <utility>

#include "common/rpc/grpc_status.h"
#include "common/status/status.h"

namespace orewatch::rpc {

SinkCall* SinkCall::Start(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport,
                          grpc::ByteBuffer& response) {
  auto call = std::make_shared<SinkCall>(bound, runtime, transport, response);
  call->self_ = call;
  if (absl::Status status = call->Prepare(); !status.ok()) {
    call->End(std::move(status));
  } else {
    call->ReadNext();
  }
  return call.get();
}

SinkCall::SinkCall(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport,
                   grpc::ByteBuffer& response)
    : call_(bound, runtime, transport), response_(response) {}

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

bool SinkCall::Claim() {
  absl::MutexLock lock(&mutex_);
  if (state_ != State::kReading) {
    return false;
  }
  state_ = State::kHandling;
  return true;
}

void SinkCall::ReadNext() {
  {
    // The read's end waits for the lock, and so does a drain that begins now.
    absl::MutexLock lock(&mutex_);
    if (!call_.runtime().draining()) {
      state_ = State::kReading;
      return StartRead(&buffer_);
    }
  }
  End(CallRuntime::DrainingError());
}

void SinkCall::OnReadDone(bool ok) {
  if (Claim()) {
    call_.runtime().RunSink([self = shared_from_this(), ok] { ok ? self->TakeMessage() : self->TakeEnd(); });
  }
}

void SinkCall::Wake() {
  if (Claim()) {
    call_.runtime().RunSink([self = shared_from_this()] { self->End(CallRuntime::DrainingError()); });
  }
}

void SinkCall::TakeMessage() {
  call_.NoteArrival(buffer_);
  absl::Status status = Call::Guard(call_.bound(), call_.context().deadline(), [this]() -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(call_.StillWanted());
    OREWATCH_ASSIGN_OR_RETURN(const Service::MessagePtr message, call_.Decode(buffer_));
    OREWATCH_RETURN_IF_ERROR(Open());
    return sink_.receive(*message);
  });
  if (!status.ok()) {
    return End(std::move(status));
  }
  buffer_.Clear();
  ReadNext();
}

void SinkCall::TakeEnd() {
  End(Call::Guard(call_.bound(), call_.context().deadline(), [this]() -> absl::Status {
    // A failed read and the end of the stream look alike; only the second leaves a caller.
    OREWATCH_RETURN_IF_ERROR(call_.StillWanted());
    OREWATCH_RETURN_IF_ERROR(Open());
    OREWATCH_ASSIGN_OR_RETURN(const Service::MessagePtr answer, sink_.finish());
    OREWATCH_RETURN_IF_ERROR(call_.Encode(*answer, response_));
    call_.bound().metrics.sent->Increment();
    return absl::OkStatus();
  }));
}

void SinkCall::End(absl::Status status) {
  {
    absl::MutexLock lock(&mutex_);
    state_ = State::kFinished;
  }
  status_ = std::move(status);
  sink_ = {};
  Finish(ToGrpc(status_));
}

void SinkCall::OnDone() {
  if (admitted_) {
    call_.runtime().ReleaseStream(this, call_.bound().infrastructure);
  }
  call_.Account(status_);
  self_.reset();
}

}  // namespace orewatch::rpc
