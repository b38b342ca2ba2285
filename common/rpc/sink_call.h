// A client stream: hands one message at a time to its sink and reads the next when that one is dealt with.
#pragma once

#include <atomic>

#include "common/rpc/call.h"
#include "grpcpp/support/server_callback.h"

namespace orewatch::rpc {

// Deletes itself when the transport is done with it.
class SinkCall final : public grpc::ServerReadReactor<grpc::ByteBuffer>, public OpenStream {
 public:
  SinkCall(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport,
           grpc::ByteBuffer& response);
  void Start();

  // Nothing to do: every read ends by itself when the transport closes.
  void Wake() override {}

 private:
  void OnReadDone(bool ok) override;
  void OnCancel() override { call_.Cancel(); }
  void OnDone() override;
  absl::Status Prepare();
  absl::Status Open();
  void TakeMessage();
  void TakeEnd();
  void End(absl::Status status);

  Call call_;
  grpc::ByteBuffer& response_;
  grpc::ByteBuffer buffer_;
  Service::ErasedSink sink_;
  absl::Status status_;
  bool admitted_ = false;
};

}  // namespace orewatch::rpc
