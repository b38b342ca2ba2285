#include "services/gateway/client/stub_backend.h"

#include <utility>

#include "common/rpc/deadline.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "common/status/status.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"

namespace orewatch::gateway {
namespace {

using google::protobuf::Message;

// Lives until the call is over.
struct Call {
  grpc::ClientContext context;
  QuestionPtr question;
  std::shared_ptr<Message> answer;
};

}  // namespace

class StubBackend::Stub {
 public:
  explicit Stub(const std::shared_ptr<grpc::Channel>& channel) : stub_(channel) {}
  grpc::TemplatedGenericStub<Message, Message>& operator*() { return stub_; }

 private:
  grpc::TemplatedGenericStub<Message, Message> stub_;
};

StubBackend::StubBackend(const std::string& neighbour, const Clock& clock) : errors_(neighbour, clock) {}
StubBackend::~StubBackend() = default;

void StubBackend::Connect(const std::shared_ptr<grpc::Channel>& channel) {
  auto stub = std::make_shared<Stub>(channel);
  absl::MutexLock lock(&mutex_);
  stub_ = std::move(stub);
}

std::shared_ptr<StubBackend::Stub> StubBackend::stub() const {
  absl::MutexLock lock(&mutex_);
  return stub_;
}

void StubBackend::Ask(const QuestionPtr& question, Answered answered) {
  const auto stub = this->stub();
  if (stub == nullptr) {
    return answered(MakeError(absl::StatusCode::kUnavailable, "NOT_CONNECTED", "the process is still starting"));
  }
  auto call = std::make_shared<Call>();
  call->question = question;
  call->answer.reset(question->prototype->New());
  rpc::SetDeadline(call->context, question->deadline);
  rpc::SpeakFor(question->caller, call->context);
  question->cancellation.OnCancel([weak = std::weak_ptr<Call>(call)] {
    if (const auto under_way = weak.lock(); under_way != nullptr) {
      under_way->context.TryCancel();
    }
  });
  (**stub).UnaryCall(&call->context, question->method, grpc::StubOptions(), question->request.get(), call->answer.get(),
                     [this, call, stub, answered = std::move(answered)](const grpc::Status& status) {
                       const TraceScope scope(call->question->caller.trace);
                       if (!status.ok()) {
                         return answered(errors_.ToCaller(rpc::FromGrpc(status)));
                       }
                       answered(Reply{std::move(call->answer), absl::OkStatus(), {}, false});
                     });
}

}  // namespace orewatch::gateway
