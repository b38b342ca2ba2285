// The server metrics of go-grpc-middleware, and our own beside them. Every series exists at 0 from the start.
#pragma once

#include <array>
#include <string>

#include "common/rpc/method_metrics.h"
#include "common/rpc/priority.h"
#include "google/protobuf/descriptor.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace orewatch::rpc {

struct ServerMethodMetrics : MethodMetrics {
  prometheus::Counter* exceptions;
  prometheus::Counter* impatient;
};

// Of all streams that follow something: methods named Watch.
struct WatchMetrics {
  prometheus::Gauge* streams;
  prometheus::Counter* events_sent;
  prometheus::Histogram* lag_seconds;
};

enum class Rejection {
  kConcurrency,
  kQueueFull,
  kQueueSlow,
  kStreams,
  kDraining,
  kRate,
  kDeadlineTooShort,
  kNoDeadline,
  kTooLarge,
  kMemory
};
inline constexpr size_t kRejectionCount = 10;
// What connections that are refused are counted as, beside calls that are.
prometheus::Counter& RejectedConnections(prometheus::Registry& registry);

// Thread-safe.
class RpcMetrics {
 public:
  explicit RpcMetrics(prometheus::Registry& registry);

  // Registers the series of a method and of each code.
  ServerMethodMetrics ForMethod(const google::protobuf::MethodDescriptor& method);
  // For calls of methods that no service has.
  ServerMethodMetrics ForUnknownMethods();

  prometheus::Gauge& in_flight() { return *in_flight_; }
  prometheus::Gauge& in_flight_limit() { return *in_flight_limit_; }
  prometheus::Gauge& streams() { return *streams_; }
  // Time left over time given, of calls with a deadline.
  prometheus::Histogram& deadline_remaining_ratio() { return *deadline_remaining_ratio_; }
  prometheus::Gauge& drain_seconds() { return *drain_seconds_; }
  prometheus::Counter& drain_cancelled_calls() { return *drain_cancelled_calls_; }
  const WatchMetrics& watch() const { return watch_; }
  prometheus::Counter& responses_too_large() { return *responses_too_large_; }
  prometheus::Histogram& queue_seconds(access::v1::Priority priority) { return *queue_seconds_.at(RankOf(priority)); }
  prometheus::Counter& rejected(Rejection reason, access::v1::Priority priority) {
    return *rejected_.at(static_cast<size_t>(reason)).at(RankOf(priority));
  }

 private:
  ServerMethodMetrics WithOwn(const MethodMetrics& metrics, const std::string& service, const std::string& method);

  MethodFamilies methods_;
  prometheus::Family<prometheus::Counter>& exceptions_;
  prometheus::Family<prometheus::Counter>& impatient_;
  prometheus::Gauge* in_flight_;
  prometheus::Gauge* in_flight_limit_;
  prometheus::Gauge* streams_;
  prometheus::Histogram* deadline_remaining_ratio_;
  prometheus::Gauge* drain_seconds_;
  prometheus::Counter* drain_cancelled_calls_;
  WatchMetrics watch_;
  prometheus::Counter* responses_too_large_;
  std::array<prometheus::Histogram*, kPriorities> queue_seconds_;
  std::array<std::array<prometheus::Counter*, kPriorities>, kRejectionCount> rejected_;
};

}  // namespace orewatch::rpc
