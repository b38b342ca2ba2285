// A server stream that is read one message at a time: the next one is asked for when the last one has been taken, so
// that a slow reader costs no memory.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/caller.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/client_callback.h"

namespace orewatch::gateway {

// Thread-safe; kept by the transport until the stream is over.
template <typename Message>
class StreamReader final : public grpc::ClientReadReactor<Message>,
                           public std::enable_shared_from_this<StreamReader<Message>> {
 public:
  // Starts the call, with the context, and this as its reactor.
  using Open = std::function<void(grpc::ClientContext*, grpc::ClientReadReactor<Message>*)>;
  // `on_news`: there is a message, or the end.
  StreamReader(const rpc::Caller& caller, std::function<void()> on_news) : on_news_(std::move(on_news)) {
    rpc::SpeakFor(caller, context_);
  }

  void Start(const Open& open) {
    self_ = this->shared_from_this();
    open(&context_, this);
    // Reads begin outside of reactions.
    this->AddHold();
    this->StartRead(&message_);
    this->StartCall();
  }
  // False if there is none now.
  bool Take(Message& out) {
    {
      absl::MutexLock lock(&mutex_);
      if (!arrived_) {
        return false;
      }
      out.Swap(&message_);
      arrived_ = false;
      if (released_) {
        return true;
      }
      reading_ = true;
    }
    this->StartRead(&message_);
    return true;
  }
  // How it ended, once it has and everything was taken.
  std::optional<absl::Status> Ended() const {
    absl::MutexLock lock(&mutex_);
    return arrived_ ? std::nullopt : ended_;
  }
  void Cancel() {
    context_.TryCancel();
    bool reading = false;
    {
      absl::MutexLock lock(&mutex_);
      cancelled_ = true;
      reading = reading_;
    }
    // A read that is under way ends by itself.
    if (!reading) {
      Release();
    }
  }

  void OnReadDone(bool ok) override {
    {
      absl::MutexLock lock(&mutex_);
      reading_ = false;
      arrived_ = ok;
      // Nobody will take it.
      ok = ok && !cancelled_;
    }
    if (ok) {
      on_news_();
    } else {
      Release();
    }
  }
  void OnDone(const grpc::Status& status) override {
    {
      absl::MutexLock lock(&mutex_);
      ended_ = rpc::FromGrpc(status);
    }
    on_news_();
    self_.reset();
  }

 private:
  // Nothing will be read any more. Without the lock: the end may follow at once.
  void Release() {
    bool held = false;
    {
      absl::MutexLock lock(&mutex_);
      held = !std::exchange(released_, true);
    }
    if (held) {
      this->RemoveHold();
    }
  }

  const std::function<void()> on_news_;
  grpc::ClientContext context_;
  mutable absl::Mutex mutex_;
  // The transport's while it is read.
  Message message_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = true;
  bool arrived_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool released_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> ended_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<StreamReader> self_;
};

}  // namespace orewatch::gateway
