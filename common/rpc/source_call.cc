#include "common/rpc/source_call.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"

namespace orewatch::rpc {

SourceCall* SourceCall::Start(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport,
                              grpc::ByteBuffer& request) {
  auto call = std::make_shared<SourceCall>(bound, runtime, transport);
  call->self_ = call;
  if (absl::Status status = call->Prepare(request); !status.ok()) {
    call->End(status);
  } else {
    call->SchedulePoll();
  }
  return call.get();
}

SourceCall::SourceCall(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport)
    : call_(bound, runtime, transport) {}

absl::Status SourceCall::Prepare(grpc::ByteBuffer& request) {
  call_.NoteArrival(request);
  OREWATCH_RETURN_IF_ERROR(
      call_.runtime().AdmitStream(this, call_.bound().infrastructure, call_.bound().access.priority()));
  admitted_ = true;
  if (call_.bound().watch) {
    call_.runtime().metrics().watch().streams->Increment();
  }
  OREWATCH_RETURN_IF_ERROR(call_.StillWanted());
  OREWATCH_RETURN_IF_ERROR(call_.Authorize());
  OREWATCH_RETURN_IF_ERROR(call_.CheckRequestSize(request));
  if (Call::IsLarge(request)) {
    encoded_.Swap(&request);
    OREWATCH_RETURN_IF_ERROR(call_.Hold(encoded_));
  } else {
    OREWATCH_RETURN_IF_ERROR(Take(request));
  }
  call_.AtExpiry([weak = weak_from_this()] {
    if (const auto call = weak.lock()) {
      call->call_.NoteExpired();
      call->Wake();
    }
  });
  return absl::OkStatus();
}

absl::Status SourceCall::Take(grpc::ByteBuffer& request) {
  OREWATCH_ASSIGN_OR_RETURN(request_, call_.Decode(request));
  call_.AddRequest(*request_);
  return absl::OkStatus();
}

absl::Status SourceCall::Open() {
  if (request_ == nullptr) {
    OREWATCH_RETURN_IF_ERROR(Take(encoded_));
  }
  // The waker may outlive the stream.
  Waker waker = [weak = weak_from_this()] {
    if (const auto call = weak.lock()) {
      call->Wake();
    }
  };
  call_.Begin();
  return call_.Guard([&]() -> absl::Status {
    OREWATCH_ASSIGN_OR_RETURN(source_, call_.bound().method.open_source(call_.context(), *request_, std::move(waker)));
    return absl::OkStatus();
  });
}

void SourceCall::Wake() {
  {
    absl::MutexLock lock(&mutex_);
    woken_ = true;
    if (state_ != State::kWaiting) {
      return;
    }
    state_ = State::kPolling;
  }
  SchedulePoll();
}

void SourceCall::CutOffIfWriting() {
  {
    absl::MutexLock lock(&mutex_);
    if (state_ != State::kWriting) {
      return;
    }
  }
  // The write ends, and the stream with it. OnDone comes on another thread: it wants the lock of the streams.
  call_.CutOff();
}

void SourceCall::SchedulePoll() {
  call_.runtime().RunStream(call_.bound().infrastructure, [self = shared_from_this()] { self->PollSource(); });
}

absl::Status SourceCall::MustEnd() const {
  if (call_.runtime().draining()) {
    return CallRuntime::DrainingError();
  }
  OREWATCH_RETURN_IF_ERROR(call_.StillTrusted());
  return call_.StillWanted();
}

void SourceCall::PollSource() {
  absl::Status status = MustEnd();
  if (status.ok() && source_.next == nullptr) {
    status = Open();
  }
  Service::MessagePtr message(call_.bound().method.response_prototype->New());
  Poll poll = Poll::kEnd;
  if (status.ok()) {
    status = call_.Guard([&]() -> absl::Status {
      OREWATCH_ASSIGN_OR_RETURN(poll, source_.next(*message));
      commit_time_ = source_.commit_time();
      return absl::OkStatus();
    });
  }
  if (!status.ok() || poll == Poll::kEnd) {
    return End(status);
  }
  if (poll == Poll::kMessage) {
    return Send(*message);
  }
  // Behind the other streams, so that a source that wakes itself does not keep them waiting.
  if (WokenSinceAsked()) {
    SchedulePoll();
  }
}

void SourceCall::Send(const google::protobuf::Message& message) {
  if (absl::Status status = call_.Encode(message, buffer_); !status.ok()) {
    return End(status);
  }
  {
    absl::MutexLock lock(&mutex_);
    state_ = State::kWriting;
  }
  call_.TellTrace();
  StartWrite(&buffer_);
}

bool SourceCall::WokenSinceAsked() {
  absl::MutexLock lock(&mutex_);
  if (std::exchange(woken_, false)) {
    return true;
  }
  state_ = State::kWaiting;
  return false;
}

void SourceCall::OnWriteDone(bool ok) {
  if (ok) {
    call_.bound().metrics.sent->Increment();
    NoteWatched();
  } else {
    call_.Cancel();
  }
  {
    absl::MutexLock lock(&mutex_);
    state_ = State::kPolling;
  }
  SchedulePoll();
}

void SourceCall::NoteWatched() const {
  if (!call_.bound().watch) {
    return;
  }
  const WatchMetrics& watch = call_.runtime().metrics().watch();
  watch.events_sent->Increment();
  // What was there before the stream is not late: its reader is.
  if (commit_time_ >= opened_) {
    const absl::Duration lag = std::max(absl::Now() - commit_time_, absl::ZeroDuration());
    watch.lag_seconds->Observe(absl::ToDoubleSeconds(lag));
  }
}

void SourceCall::OnCancel() {
  call_.Cancel();
  Wake();
}

void SourceCall::End(const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    state_ = State::kFinished;
  }
  source_ = {};
  if (!call_.IsForTheLedger(status)) {
    return Tell(status);
  }
  call_.EnterInLedger(status, nullptr, status, [this](const absl::Status& told) { Tell(told); });
}

void SourceCall::Tell(const absl::Status& status) {
  status_ = status;
  Finish(call_.ToCaller(status_));
}

void SourceCall::OnDone() {
  if (admitted_) {
    call_.runtime().ReleaseStream(this, call_.bound().infrastructure);
    if (call_.bound().watch) {
      call_.runtime().metrics().watch().streams->Decrement();
    }
  }
  call_.Account(status_);
  call_.GiveBack();
  request_.reset();
  self_.reset();
}

}  // namespace orewatch::rpc
