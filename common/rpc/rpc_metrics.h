// The server metrics of go-grpc-middleware, and our own beside them. Every series exists at 0 from the start.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>

#include "common/rpc/grpc_status.h"
#include "google/protobuf/descriptor.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace orewatch::rpc {

// One method's series. References live as long as the registry.
struct MethodMetrics {
  prometheus::Counter* started;
  std::array<prometheus::Counter*, kCodeCount> handled;
  // Null for streams: their length says nothing about latency.
  prometheus::Histogram* seconds;
  prometheus::Counter* received;
  prometheus::Counter* sent;
  prometheus::Counter* exceptions;
};

enum class Rejection { kConcurrency, kQueueFull, kStreams, kDraining };
inline constexpr size_t kRejectionCount = 4;

// Thread-safe.
class RpcMetrics {
 public:
  explicit RpcMetrics(prometheus::Registry& registry);

  // Registers the series of a method and of each code.
  MethodMetrics ForMethod(const std::string& type, const std::string& service, const std::string& method);
  MethodMetrics ForMethod(const google::protobuf::MethodDescriptor& method);

  prometheus::Gauge& in_flight() { return *in_flight_; }
  prometheus::Gauge& in_flight_limit() { return *in_flight_limit_; }
  prometheus::Gauge& streams() { return *streams_; }
  prometheus::Gauge& max_message_bytes() { return *max_message_bytes_; }
  prometheus::Counter& responses_too_large() { return *responses_too_large_; }
  prometheus::Histogram& queue_seconds() { return *queue_seconds_; }
  prometheus::Counter& rejected(Rejection reason) { return *rejected_.at(static_cast<size_t>(reason)); }

 private:
  prometheus::Family<prometheus::Counter>& started_;
  prometheus::Family<prometheus::Counter>& handled_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Family<prometheus::Counter>& received_;
  prometheus::Family<prometheus::Counter>& sent_;
  prometheus::Family<prometheus::Counter>& exceptions_;
  prometheus::Gauge* in_flight_;
  prometheus::Gauge* in_flight_limit_;
  prometheus::Gauge* streams_;
  prometheus::Gauge* max_message_bytes_;
  prometheus::Counter* responses_too_large_;
  prometheus::Histogram* queue_seconds_;
  std::array<prometheus::Counter*, kRejectionCount> rejected_;
};

}  // namespace orewatch::rpc
