#include "tests/bench/support/echo.h"

#include <deque>
#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/impl/service_type.h"

namespace orewatch::bench {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::internal::RpcMethod;

class Follower;

// Who is to be sent what is published. Thread-safe.
class Followers {
 public:
  void Add(Follower* follower);
  void Remove(Follower* follower);
  void Publish(const ByteBuffer& bytes);

 private:
  absl::Mutex mutex_;
  std::set<Follower*> followers_ ABSL_GUARDED_BY(mutex_);
};

class Follower final : public grpc::ServerWriteReactor<ByteBuffer> {
 public:
  // Begins with a message, by which the caller knows that it follows.
  Follower(Followers& followers, const ByteBuffer& first) : followers_(followers) {
    followers_.Add(this);
    Send(first);
  }

  void Send(const ByteBuffer& bytes) {
    absl::MutexLock lock(&mutex_);
    pending_.push_back(bytes);
    if (pending_.size() == 1) {
      StartWrite(&pending_.front());
    }
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    pending_.pop_front();
    if (ok && !pending_.empty()) {
      StartWrite(&pending_.front());
    }
  }
  void OnCancel() override {
    followers_.Remove(this);
    Finish(grpc::Status::OK);
  }
  void OnDone() override { delete this; }

 private:
  Followers& followers_;
  absl::Mutex mutex_;
  std::deque<ByteBuffer> pending_ ABSL_GUARDED_BY(mutex_);
};

void Followers::Add(Follower* follower) {
  absl::MutexLock lock(&mutex_);
  followers_.insert(follower);
}

void Followers::Remove(Follower* follower) {
  absl::MutexLock lock(&mutex_);
  followers_.erase(follower);
}

void Followers::Publish(const ByteBuffer& bytes) {
  absl::MutexLock lock(&mutex_);
  for (Follower* follower : followers_) {
    follower->Send(bytes);
  }
}

class EchoService final : public grpc::Service {
 public:
  EchoService() {
    using Unary = grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>;
    Add(kEchoCall, RpcMethod::NORMAL_RPC,
        new Unary([](CallbackServerContext* context, const ByteBuffer* request, ByteBuffer* response) {
          *response = *request;
          return Finished(*context);
        }));
    Add(kEchoPublish, RpcMethod::NORMAL_RPC,
        new Unary([this](CallbackServerContext* context, const ByteBuffer* request, ByteBuffer* response) {
          followers_.Publish(*request);
          *response = ByteBuffer(&empty_, 1);
          return Finished(*context);
        }));
    Add(kEchoFollow, RpcMethod::SERVER_STREAMING,
        new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
            [this](CallbackServerContext*, const ByteBuffer* request) { return new Follower(followers_, *request); }));
  }

 private:
  static grpc::ServerUnaryReactor* Finished(CallbackServerContext& context) {
    grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  void Add(const char* method, RpcMethod::RpcType type, grpc::internal::MethodHandler* handler) {
    AddMethod(new grpc::internal::RpcServiceMethod(method, type, nullptr));
    MarkMethodRawCallback(count_++, handler);
  }

  Followers followers_;
  const grpc::Slice empty_;
  int count_ = 0;
};

}  // namespace

int ServeEcho(int port) {
  EchoService service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(absl::StrCat("127.0.0.1:", port), grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) {
    return 1;
  }
  server->Wait();
  return 0;
}

}  // namespace orewatch::bench
