#include "common/rpc/method_metrics.h"

#include "absl/strings/str_cat.h"

namespace orewatch::rpc {
namespace {

using prometheus::Counter;
using prometheus::Family;

Family<Counter>& Counters(prometheus::Registry& registry, absl::string_view side, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(absl::StrCat("grpc_", side, "_", name)).Help(help).Register(registry);
}

std::string TypeOf(const google::protobuf::MethodDescriptor& method) {
  if (method.client_streaming()) {
    return method.server_streaming() ? "bidi_stream" : "client_stream";
  }
  return method.server_streaming() ? "server_stream" : kUnaryType;
}

}  // namespace

const prometheus::Histogram::BucketBoundaries& SecondsBuckets() {
  static const prometheus::Histogram::BucketBoundaries bounds = {.001, .0025, .005, .01, .025, .05, .1,
                                                                 .25,  .5,    1,    2.5, 5,    10};
  return bounds;
}

MethodFamilies::MethodFamilies(prometheus::Registry& registry, absl::string_view side)
    : started_(Counters(registry, side, "started_total", "Calls started.")),
      handled_(Counters(registry, side, "handled_total", "Calls finished, by the code that the caller sees.")),
      seconds_(prometheus::BuildHistogram()
                   .Name(absl::StrCat("grpc_", side, "_handling_seconds"))
                   .Help("Duration of unary calls.")
                   .Register(registry)),
      received_(Counters(registry, side, "msg_received_total", "Messages received.")),
      sent_(Counters(registry, side, "msg_sent_total", "Messages sent.")) {}

MethodMetrics MethodFamilies::ForMethod(const std::string& type, const std::string& service,
                                        const std::string& method) {
  const prometheus::Labels labels = {{"grpc_type", type}, {"grpc_service", service}, {"grpc_method", method}};
  MethodMetrics metrics{};
  metrics.started = &started_.Add(labels);
  for (int code = 0; code < kCodeCount; ++code) {
    prometheus::Labels with_code = labels;
    with_code["grpc_code"] = CodeName(code);
    metrics.handled.at(static_cast<size_t>(code)) = &handled_.Add(with_code);
  }
  metrics.seconds = type == kUnaryType ? &seconds_.Add(labels, SecondsBuckets()) : nullptr;
  metrics.received = &received_.Add(labels);
  metrics.sent = &sent_.Add(labels);
  return metrics;
}

MethodMetrics MethodFamilies::ForMethod(const google::protobuf::MethodDescriptor& method) {
  return ForMethod(TypeOf(method), method.service()->full_name(), method.name());
}

}  // namespace orewatch::rpc
