// A unary call from its bytes to its answer.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "common/rpc/call.h"
#include "grpcpp/support/server_callback.h"

namespace orewatch::rpc {

// Deletes itself when the transport is done with it.
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  UnaryCall(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport,
            grpc::ByteBuffer& response);
  // Decides, and runs the handler or queues it.
  void Start(grpc::ByteBuffer& request);

 private:
  void OnCancel() override { call_.Cancel(); }
  void OnDone() override;
  // OnDone waits for nobody, so that it need not be handed to another thread of the transport. Handlers that answer
  // later are spared from being ended in the middle of what they answer with.
  bool InternalInlineable() override { return call_.bound().method.runs != Runs::kInline; }
  // Everything before the handler. A large request is decoded where the handler runs.
  absl::Status Prepare(grpc::ByteBuffer& request);
  absl::Status Take(grpc::ByteBuffer& request);
  absl::Status Dispatch();
  // Whether the call was answered without its handler.
  bool AnsweredAtOnce();
  void RunHandler();
  // The first answer counts.
  void Answer(absl::StatusOr<Service::MessagePtr> answer);
  void Send(absl::StatusOr<Service::MessagePtr> answer);
  void SendEncoded(const absl::StatusOr<std::string>& answer);
  // Has the ledger know how the handler ended, then ends the call as status_ says.
  void Conclude(const absl::Status& outcome, const google::protobuf::Message* response);
  void End();

  Call call_;
  grpc::ByteBuffer& response_;
  // Until it is decoded.
  grpc::ByteBuffer encoded_;
  Service::MessagePtr request_;
  absl::Status status_;
  bool admitted_ = false;
  // Shared, because a handler that throws after its answer must still find it.
  std::shared_ptr<std::atomic<bool>> answered_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace orewatch::rpc
