#include "tests/bench/support/load.h"

#include <atomic>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "grpcpp/generic/generic_stub.h"
#include "tests/bench/support/die.h"

namespace orewatch::bench {
namespace {

using grpc::ByteBuffer;

struct Call {
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  ByteBuffer response;
  grpc::Status status;
};

void StartCall(const Load& load, grpc::GenericStub& stub, grpc::CompletionQueue& queue, Call& call) {
  call.context = std::make_unique<grpc::ClientContext>();
  call.reader = stub.PrepareUnaryCall(call.context.get(), load.method, load.next_request(), &queue);
  call.reader->StartCall();
  call.reader->Finish(&call.response, &call.status, &call);
}

Call& NextFinished(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  Call& call = *static_cast<Call*>(tag);
  if (!ok || !call.status.ok()) {
    Die("a call failed: " + call.status.error_message());
  }
  return call;
}

}  // namespace

ByteBuffer BytesOf(const google::protobuf::Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

std::shared_ptr<grpc::Channel> ConnectTo(const std::string& address) {
  grpc::ChannelArguments arguments;
  // Channels to one address share a connection otherwise.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  auto channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  constexpr absl::Duration kPatience = absl::Seconds(10);
  if (!channel->WaitForConnected(absl::ToChronoTime(absl::Now() + kPatience))) {
    Die("cannot connect to " + address);
  }
  return channel;
}

double CallsPerSecond(const Load& load, int in_flight, absl::Duration span) {
  grpc::GenericStub stub(load.channel);
  grpc::CompletionQueue queue;
  std::vector<Call> calls(static_cast<size_t>(in_flight));
  const absl::Time start = absl::Now();
  for (Call& call : calls) {
    StartCall(load, stub, queue, call);
  }
  int64_t finished = 0;
  while (absl::Now() < start + span) {
    StartCall(load, stub, queue, NextFinished(queue));
    ++finished;
  }
  const double rate = static_cast<double>(finished) / absl::ToDoubleSeconds(absl::Now() - start);
  for (int i = 0; i < in_flight; ++i) {
    NextFinished(queue);
  }
  return rate;
}

class Watchers::State {
 public:
  void Open(grpc::Channel& channel, const std::string& method, const ByteBuffer& request);
  void ReadUntilStopped();
  void Stop();

  mutable absl::Mutex mutex;
  int64_t received ABSL_GUARDED_BY(mutex) = 0;
  std::thread thread;

 private:
  struct Stream {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientAsyncReader<ByteBuffer>> reader;
    ByteBuffer message;
    bool open = false;
  };
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::atomic<bool> stopping_{false};
};

void Watchers::State::Open(grpc::Channel& channel, const std::string& method, const ByteBuffer& request) {
  Stream& stream = *streams_.emplace_back(std::make_unique<Stream>());
  const grpc::internal::RpcMethod rpc(method.c_str(), grpc::internal::RpcMethod::SERVER_STREAMING);
  stream.reader.reset(grpc::internal::ClientAsyncReaderFactory<ByteBuffer>::Create(
      &channel, &queue_, rpc, &stream.context, request, /*start=*/true, &stream));
}

void Watchers::State::ReadUntilStopped() {
  void* tag = nullptr;
  bool ok = false;
  size_t ended = 0;
  while (queue_.Next(&tag, &ok)) {
    if (stopping_) {
      // Each stream has one operation under way, which its cancellation ends.
      if (++ended == streams_.size()) {
        queue_.Shutdown();
      }
      continue;
    }
    if (!ok) {
      Die("a stream ended");
    }
    Stream& stream = *static_cast<Stream*>(tag);
    if (std::exchange(stream.open, true)) {
      absl::MutexLock lock(&mutex);
      ++received;
    }
    stream.reader->Read(&stream.message, &stream);
  }
}

void Watchers::State::Stop() {
  stopping_ = true;
  for (const auto& stream : streams_) {
    stream->context.TryCancel();
  }
  thread.join();
}

Watchers::Watchers(const std::vector<std::shared_ptr<grpc::Channel>>& channels, const std::string& method,
                   const ByteBuffer& request, int count)
    : state_(std::make_unique<State>()) {
  for (int i = 0; i < count; ++i) {
    state_->Open(*channels[static_cast<size_t>(i) % channels.size()], method, request);
  }
  state_->thread = std::thread([state = state_.get()] { state->ReadUntilStopped(); });
}

Watchers::~Watchers() { state_->Stop(); }

int64_t Watchers::received() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->received;
}

void Watchers::AwaitReceived(int64_t messages) {
  absl::MutexLock lock(&state_->mutex);
  const auto there = [&] { return state_->received >= messages; };
  state_->mutex.Await(absl::Condition(&there));
}

}  // namespace orewatch::bench
