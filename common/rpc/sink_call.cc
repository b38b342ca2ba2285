#include "common/rpc/sink_call.h"

#include <utility>

#include "common/status/status.h"

namespace orewatch::rpc {

SinkCall* SinkCall::Start(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport,
                          grpc::ByteBuffer& response) {
  auto call = std::make_shared<SinkCall>(bound, runtime, transport, response);
  call->self_ = call;
  if (absl::Status status = call->Prepare(); !status.ok()) {
    call->End(status);
  } else {
    call->ReadNext();
  }
  return call.get();
}

SinkCall::SinkCall(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport,
                   grpc::ByteBuffer& response)
    : call_(bound, runtime, transport), response_(response) {}

absl::Status SinkCall::Prepare() {
  OREWATCH_RETURN_IF_ERROR(
      call_.runtime().AdmitStream(this, call_.bound().infrastructure, call_.bound().access.priority()));
  admitted_ = true;
  OREWATCH_RETURN_IF_ERROR(call_.StillWanted());
  OREWATCH_RETURN_IF_ERROR(call_.Authorize());
  call_.AtExpiry([weak = weak_from_this()] {
    if (const auto call = weak.lock()) {
      call->call_.NoteExpired();
      call->Wake();
    }
  });
  return absl::OkStatus();
}

absl::Status SinkCall::MustEnd() const {
  return call_.runtime().draining() ? CallRuntime::DrainingError() : call_.StillTrusted();
}

absl::Status SinkCall::Open() {
  if (sink_.receive != nullptr) {
    return absl::OkStatus();
  }
  call_.Begin();
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
  absl::Status end;
  {
    // The read's end waits for the lock, and so does a drain that begins now.
    absl::MutexLock lock(&mutex_);
    end = MustEnd();
    if (end.ok()) {
      state_ = State::kReading;
      return StartRead(&buffer_);
    }
  }
  End(std::move(end));
}

void SinkCall::OnReadDone(bool ok) {
  if (Claim()) {
    call_.runtime().RunSink([self = shared_from_this(), ok] { ok ? self->TakeMessage() : self->TakeEnd(); });
  }
}

void SinkCall::Wake() {
  if (Claim()) {
    call_.runtime().RunSink([self = shared_from_this()] { self->End(self->MustEnd()); });
  }
}

void SinkCall::TakeMessage() {
  call_.NoteArrival(buffer_);
  absl::Status status = call_.Guard([this]() -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(call_.StillWanted());
    OREWATCH_RETURN_IF_ERROR(call_.CheckRequestSize(buffer_));
    OREWATCH_ASSIGN_OR_RETURN(const Service::MessagePtr message, call_.Decode(buffer_));
    call_.AddRequest(*message);
    OREWATCH_RETURN_IF_ERROR(Open());
    return sink_.receive(*message);
  });
  if (!status.ok()) {
    return End(status);
  }
  buffer_.Clear();
  call_.ForgetMessage();
  ReadNext();
}

void SinkCall::TakeEnd() {
  End(call_.Guard([this]() -> absl::Status {
    // A failed read and the end of the stream look alike; only the second leaves a caller.
    OREWATCH_RETURN_IF_ERROR(call_.StillWanted());
    OREWATCH_RETURN_IF_ERROR(Open());
    OREWATCH_ASSIGN_OR_RETURN(answer_, sink_.finish());
    OREWATCH_RETURN_IF_ERROR(call_.Encode(*answer_, response_));
    return absl::OkStatus();
  }));
}

void SinkCall::End(const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    state_ = State::kFinished;
  }
  sink_ = {};
  if (!call_.IsForTheLedger(status)) {
    return Tell(status);
  }
  // What it did it has done, even if the answer could not be sent.
  const absl::Status outcome = answer_ != nullptr ? absl::OkStatus() : status;
  call_.EnterInLedger(outcome, answer_.get(), status, [this](const absl::Status& told) { Tell(told); });
}

void SinkCall::Tell(const absl::Status& status) {
  status_ = status;
  if (status_.ok()) {
    call_.bound().metrics.sent->Increment();
  }
  Finish(call_.ToCaller(status_));
}

void SinkCall::OnDone() {
  if (admitted_) {
    call_.runtime().ReleaseStream(this, call_.bound().infrastructure);
  }
  call_.Account(status_);
  call_.GiveBack();
  self_.reset();
}

}  // namespace orewatch::rpc
