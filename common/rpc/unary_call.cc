#include "common/rpc/unary_call.h"

#include <optional>
#include <utility>

#include "common/status/status.h"

namespace orewatch::rpc {

UnaryCall::UnaryCall(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport,
                     grpc::ByteBuffer& response)
    : call_(bound, runtime, transport), response_(response) {}

void UnaryCall::Start(grpc::ByteBuffer& request) {
  if (absl::Status status = Prepare(request); !status.ok()) {
    Answer(std::move(status));
  } else if (status = Dispatch(); !status.ok()) {
    Answer(std::move(status));
  }
}

bool UnaryCall::AnsweredAtOnce() {
  const auto& at_once = call_.bound().method.at_once;
  if (at_once == nullptr || request_ == nullptr) {
    return false;
  }
  std::optional<absl::StatusOr<std::string>> answer;
  call_.Begin();
  const absl::Status status = call_.Guard([&] {
    answer = at_once(call_.context(), *request_);
    return absl::OkStatus();
  });
  if (!status.ok()) {
    answer = status;
  }
  if (!answer.has_value()) {
    return false;
  }
  SendEncoded(*answer);
  return true;
}

// Not OK: the handler will not run.
absl::Status UnaryCall::Dispatch() {
  if (AnsweredAtOnce()) {
    return absl::OkStatus();
  }
  switch (call_.bound().method.runs) {
    case Runs::kInline:
      if (request_ != nullptr) {
        RunHandler();
        return absl::OkStatus();
      }
      [[fallthrough]];
    case Runs::kBlocking:
      return call_.runtime().RunBlocking(call_.bound().access.priority(), [this] { RunHandler(); });
    case Runs::kWriting:
      return call_.runtime().RunWriting(call_.bound().access.priority(), [this] { RunHandler(); });
  }
  return absl::OkStatus();
}

absl::Status UnaryCall::Prepare(grpc::ByteBuffer& request) {
  call_.NoteArrival(request);
  if (!call_.bound().infrastructure) {
    OREWATCH_RETURN_IF_ERROR(call_.runtime().AdmitUnary(call_.bound().access.priority()));
    admitted_ = true;
  }
  OREWATCH_RETURN_IF_ERROR(call_.StillWanted());
  OREWATCH_RETURN_IF_ERROR(call_.CheckTimeGiven());
  OREWATCH_RETURN_IF_ERROR(call_.Authorize());
  OREWATCH_RETURN_IF_ERROR(call_.CheckRequestSize(request));
  if (!Call::IsLarge(request)) {
    return Take(request);
  }
  encoded_.Swap(&request);
  return call_.Hold(encoded_);
}

absl::Status UnaryCall::Take(grpc::ByteBuffer& request) {
  OREWATCH_ASSIGN_OR_RETURN(request_, call_.Decode(request));
  call_.AddRequest(*request_);
  return absl::OkStatus();
}

void UnaryCall::RunHandler() {
  // It may have waited in the queue for longer than its caller.
  if (absl::Status status = call_.StillWanted(); !status.ok()) {
    return Answer(std::move(status));
  }
  if (request_ == nullptr) {
    if (absl::Status status = Take(encoded_); !status.ok()) {
      return Answer(std::move(status));
    }
  }
  const auto answered = answered_;
  call_.Begin();
  absl::Status status = call_.Guard([this] {
    call_.bound().method.unary(call_.context(), *request_,
                               [this](absl::StatusOr<Service::MessagePtr> answer) { Answer(std::move(answer)); });
    return absl::OkStatus();
  });
  if (!status.ok() && !answered->exchange(true)) {
    Send(std::move(status));
  }
}

void UnaryCall::Answer(absl::StatusOr<Service::MessagePtr> answer) {
  if (!answered_->exchange(true)) {
    Send(std::move(answer));
  }
}

void UnaryCall::Send(absl::StatusOr<Service::MessagePtr> answer) {
  status_ = answer.ok() ? call_.StillWanted() : answer.status();
  if (status_.ok()) {
    status_ = call_.Encode(**answer, response_);
    call_.NoteRevision(**answer);
  }
  Conclude(answer.status(), answer.ok() ? answer->get() : nullptr);
}

void UnaryCall::SendEncoded(const absl::StatusOr<std::string>& answer) {
  status_ = answer.ok() ? call_.Wrap(*answer, response_) : answer.status();
  Conclude(answer.status(), nullptr);
}

void UnaryCall::Conclude(const absl::Status& outcome, const google::protobuf::Message* response) {
  if (!call_.IsForTheLedger(outcome)) {
    return End();
  }
  call_.EnterInLedger(outcome, response, status_, [this](const absl::Status& told) {
    status_ = told;
    End();
  });
}

void UnaryCall::End() {
  if (status_.ok()) {
    call_.bound().metrics.sent->Increment();
  }
  Finish(call_.ToCaller(status_));
}

void UnaryCall::OnDone() {
  call_.Account(status_);
  call_.GiveBack();
  if (admitted_) {
    call_.runtime().ReleaseUnary();
  }
  delete this;
}

}  // namespace orewatch::rpc
