#include "tests/bench/support/echo.h"

#include <deque>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/grpcpp.h"
#include "tests/bench/support/raw_service.h"

namespace orewatch::bench {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;

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

class EchoService final : public RawService {
 public:
  EchoService() {
    AddUnary(kEchoCall, [](CallbackServerContext* context, const ByteBuffer* request, ByteBuffer* response) {
      *response = *request;
      return Finished(*context);
    });
    AddUnary(kEchoPublish, [this](CallbackServerContext* context, const ByteBuffer* request, ByteBuffer* response) {
      followers_.Publish(*request);
      *response = ByteBuffer(&empty_, 1);
      return Finished(*context);
    });
    AddServerStream(kEchoFollow, [this](CallbackServerContext*, const ByteBuffer* request) {
      return new Follower(followers_, *request);
    });
  }

 private:
  Followers followers_;
  const grpc::Slice empty_;
};

}  // namespace

int ServeEcho(int port) {
  EchoService service;
  return Serve(service, port);
}

}  // namespace orewatch::bench
