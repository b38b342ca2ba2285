// A client stream: hands one message at a time to its sink and reads the next when that one is dealt with.
#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/call.h"
#include "grpcpp/support/server_callback.h"

namespace orewatch::rpc {

// Owned by the transport until OnDone, and by tasks under way.
class SinkCall final : public grpc::ServerReadReactor<grpc::ByteBuffer>,
                       public OpenStream,
                       public std::enable_shared_from_this<SinkCall> {
 public:
  static SinkCall* Start(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport,
                         grpc::ByteBuffer& response);
  SinkCall(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport,
           grpc::ByteBuffer& response);

  // Ends the call if the server drains and the sink is not at work.
  void Wake() override;
  void CutOffIfWriting() override {}

 private:
  // Who may touch the sink next.
  enum class State {
    kReading,   // The transport; OnReadDone goes on.
    kHandling,  // A task of the stream executor, queued or running.
    kFinished,  // Nobody any more.
  };

  void OnReadDone(bool ok) override;
  void OnCancel() override { call_.Cancel(); }
  void OnDone() override;
  absl::Status Prepare();
  absl::Status Open();
  // Takes the sink from the transport; false if it is somebody else's.
  bool Claim();
  // Why the stream must end now, if it must. After Prepare.
  absl::Status MustEnd() const;
  void ReadNext();
  void TakeMessage();
  void TakeEnd();
  void End(const absl::Status& status);
  // The last word to the caller.
  void Tell(const absl::Status& status);

  Call call_;
  std::shared_ptr<SinkCall> self_;
  grpc::ByteBuffer& response_;
  grpc::ByteBuffer buffer_;
  Service::ErasedSink sink_;
  Service::MessagePtr answer_;
  absl::Status status_;
  bool admitted_ = false;
  absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kHandling;
};

}  // namespace orewatch::rpc
