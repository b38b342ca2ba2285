// Callers that keep a server busy, cheap enough to leave it the machine: bytes in, bytes out, one completion queue.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/support/byte_buffer.h"

namespace orewatch::bench {

grpc::ByteBuffer BytesOf(const google::protobuf::Message& message);
std::shared_ptr<grpc::Channel> ConnectTo(const std::string& address);

struct Load {
  std::shared_ptr<grpc::Channel> channel;
  // `/package.Service/Method`
  std::string method;
  std::function<grpc::ByteBuffer()> next_request;
};

// Calls per second with so many under way for a while. Aborts when a call fails.
double CallsPerSecond(const Load& load, int in_flight, absl::Duration span);

// Open server streams, read as fast as they send. Aborts when a stream ends by itself.
class Watchers {
 public:
  Watchers(const std::vector<std::shared_ptr<grpc::Channel>>& channels, const std::string& method,
           const grpc::ByteBuffer& request, int count);
  ~Watchers();

  int64_t received() const;
  // Blocks until so many messages have come to all of them together.
  void AwaitReceived(int64_t messages);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace orewatch::bench
