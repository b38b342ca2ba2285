// Whether the threads of a server still serve, asked as any caller would.
#pragma once

#include <memory>

#include "absl/time/time.h"

namespace grpc {
class Channel;
}

namespace orewatch::rpc {

// Thread-safe.
class Pulse {
 public:
  // A channel to the server that is asked.
  explicit Pulse(std::shared_ptr<grpc::Channel> channel) : channel_(std::move(channel)) {}

  // Blocks until the server has answered a health check, whatever it says of its health; false if it does not in time.
  bool Beats(absl::Duration timeout) const;

 private:
  const std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace orewatch::rpc
