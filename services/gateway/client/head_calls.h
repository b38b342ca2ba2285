// How far a neighbour is: the call that asks, and the stream that tells.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

namespace orewatch::gateway {

struct Head {
  std::string lineage;
  int64_t number = 0;
  // Of the registry.
  std::string digest;
};
using OnHead = std::function<void(const absl::Status& status, const Head& head)>;

// Thread-safe; shares the channel with its calls under way.
class HeadCalls {
 public:
  virtual ~HeadCalls() = default;
  // Answers later, on a thread of the transport. The context lives until then.
  virtual void Ask(grpc::ClientContext& context, OnHead done) const = 0;
  // Reads what comes after a head until the stream ends. Blocks.
  virtual absl::Status Follow(grpc::ClientContext& context, const Head& after,
                              const std::function<void(const Head&)>& heard) const = 0;
};

std::shared_ptr<const HeadCalls> RegistryHead(const std::shared_ptr<grpc::Channel>& channel);
std::shared_ptr<const HeadCalls> RiskHead(const std::shared_ptr<grpc::Channel>& channel);
std::shared_ptr<const HeadCalls> AlertingHead(const std::shared_ptr<grpc::Channel>& channel);

}  // namespace orewatch::gateway
