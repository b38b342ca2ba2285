// A server stream: pulls one message at a time from its source, and sleeps until woken when there is none.
#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "grpcpp/support/server_callback.h"

namespace orewatch::rpc {

// Owned by the transport until OnDone, and by wake-ups and tasks under way.
class SourceCall final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                         public OpenStream,
                         public std::enable_shared_from_this<SourceCall> {
 public:
  static SourceCall* Start(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport,
                           grpc::ByteBuffer& request);
  SourceCall(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport);

  void Wake() override;
  void CutOffIfWriting() override;

 private:
  // Who may touch the source next.
  enum class State {
    kWaiting,   // Nobody, until a wake-up.
    kPolling,   // A task of the stream executor, queued or running.
    kWriting,   // The transport; OnWriteDone goes on.
    kFinished,  // Nobody any more.
  };

  // Counts a message that a watcher has got, and how late it was.
  void NoteWatched() const;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  // Everything before the source is opened. A large request is decoded where that is done.
  absl::Status Prepare(grpc::ByteBuffer& request);
  absl::Status Take(grpc::ByteBuffer& request);
  absl::Status Open();
  void SchedulePoll();
  void PollSource();
  void Send(const google::protobuf::Message& message);
  // Why the stream must end now, if it must.
  absl::Status MustEnd() const;
  void End(const absl::Status& status);
  // The last word to the caller.
  void Tell(const absl::Status& status);
  // True if a wake-up came since the source was asked; else the stream waits.
  bool WokenSinceAsked();

  Call call_;
  std::shared_ptr<SourceCall> self_;
  // Until it is decoded.
  grpc::ByteBuffer encoded_;
  Service::MessagePtr request_;
  Service::ErasedSource source_;
  grpc::ByteBuffer buffer_;
  // Of the message being written.
  absl::Time commit_time_ = absl::InfinitePast();
  const absl::Time opened_ = absl::Now();
  absl::Status status_;
  bool admitted_ = false;
  absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kPolling;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace orewatch::rpc
