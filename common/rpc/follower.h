// Follows a server stream for ever: reads it on a thread of its own and opens it again whenever it ends.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/exec/sleeper.h"
#include "grpcpp/client_context.h"

namespace orewatch::rpc {

// The part that knows no message type. Thread-safe.
class FollowerThread {
 public:
  // `run_once` opens a stream with the context, reads it to its end and returns why it ended.
  FollowerThread(std::string name, std::function<absl::Status(grpc::ClientContext&)> run_once);
  ~FollowerThread() { Stop(); }

  // A stream that brought something resets the pause before the next attempt.
  void NoteProgress();
  // Cancels the stream and joins. Idempotent.
  void Stop();

 private:
  void Run();
  // False if stopped.
  bool BeginAttempt(const std::shared_ptr<grpc::ClientContext>& context);
  // How long to wait before the next one.
  absl::Duration EndAttempt();
  void PauseBeforeNext(const absl::Status& status);

  const std::string name_;
  const std::function<absl::Status(grpc::ClientContext&)> run_once_;
  Sleeper sleeper_;
  absl::Mutex mutex_;
  absl::Duration pause_ ABSL_GUARDED_BY(mutex_);
  // Of the attempt under way; null between attempts.
  std::shared_ptr<grpc::ClientContext> context_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

// `Reader` is what the stub returns, e.g. std::unique_ptr<grpc::ClientReader<ChangeSet>>.
template <typename Message>
class Follower {
 public:
  // Starts the stream from wherever the owner stands; called for each attempt, on the follower's thread.
  // `on_message` runs on the follower's thread; an error ends the stream, which is then opened again.
  template <typename Open>
  Follower(std::string name, Open open, std::function<absl::Status(const Message&)> on_message)
      : thread_(std::move(name),
                [this, open = std::move(open),
                 on_message = std::move(on_message)](grpc::ClientContext& context) -> absl::Status {
                  auto reader = open(context);
                  Message message;
                  while (reader->Read(&message)) {
                    thread_.NoteProgress();
                    if (absl::Status status = on_message(message); !status.ok()) {
                      context.TryCancel();
                      reader->Finish();
                      return status;
                    }
                  }
                  const grpc::Status status = reader->Finish();
                  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
                }) {}

  void Stop() { thread_.Stop(); }

 private:
  FollowerThread thread_;
};

}  // namespace orewatch::rpc
