// The series of a method, as go-grpc-middleware names them, on either side of a call.
#pragma once

#include <array>
#include <string>

#include "absl/strings/string_view.h"
#include "common/rpc/grpc_status.h"
#include "google/protobuf/descriptor.h"
#include "prometheus/counter.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace orewatch::rpc {

// Pointers live as long as the registry.
struct MethodMetrics {
  prometheus::Counter* started;
  std::array<prometheus::Counter*, kCodeCount> handled;
  // Null for streams: their length says nothing about latency.
  prometheus::Histogram* seconds;
  prometheus::Counter* received;
  prometheus::Counter* sent;
};

// The type of a call that names no method of ours.
inline constexpr char kUnaryType[] = "unary";

// Thread-safe.
class MethodFamilies {
 public:
  // `side` is `server` or `client`. Families of the same side in the same registry are the same.
  MethodFamilies(prometheus::Registry& registry, absl::string_view side);

  // Registers the series of a method and of each code, at 0.
  MethodMetrics ForMethod(const std::string& type, const std::string& service, const std::string& method);
  MethodMetrics ForMethod(const google::protobuf::MethodDescriptor& method);

 private:
  prometheus::Family<prometheus::Counter>& started_;
  prometheus::Family<prometheus::Counter>& handled_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Family<prometheus::Counter>& received_;
  prometheus::Family<prometheus::Counter>& sent_;
};

// Bounds of histograms of durations.
const prometheus::Histogram::BucketBoundaries& SecondsBuckets();

}  // namespace orewatch::rpc
