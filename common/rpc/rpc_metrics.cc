#include "common/rpc/rpc_metrics.h"

namespace orewatch::rpc {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

const Histogram::BucketBoundaries kSecondsBuckets = {.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};

Family<Counter>& Counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Gauge* SingleGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return &prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

std::string TypeOf(const google::protobuf::MethodDescriptor& method) {
  if (method.client_streaming()) {
    return method.server_streaming() ? "bidi_stream" : "client_stream";
  }
  return method.server_streaming() ? "server_stream" : "unary";
}

}  // namespace

RpcMetrics::RpcMetrics(prometheus::Registry& registry)
    : started_(Counters(registry, "grpc_server_started_total", "Calls started.")),
      handled_(Counters(registry, "grpc_server_handled_total", "Calls finished, by the code that the caller sees.")),
      seconds_(prometheus::BuildHistogram()
                   .Name("grpc_server_handling_seconds")
                   .Help("Duration of unary calls.")
                   .Register(registry)),
      received_(Counters(registry, "grpc_server_msg_received_total", "Messages received.")),
      sent_(Counters(registry, "grpc_server_msg_sent_total", "Messages sent.")),
      exceptions_(Counters(registry, "orewatch_handler_exceptions_total", "Handlers that threw.")),
      in_flight_(SingleGauge(registry, "orewatch_grpc_in_flight", "Unary calls being handled.")),
      in_flight_limit_(SingleGauge(registry, "orewatch_grpc_in_flight_limit", "Unary calls admitted at once.")),
      streams_(SingleGauge(registry, "orewatch_grpc_streams", "Streams open.")),
      max_message_bytes_(SingleGauge(registry, "orewatch_grpc_max_message_bytes", "Largest request accepted.")),
      responses_too_large_(&Counters(registry, "orewatch_grpc_responses_too_large_total",
                                     "Answers that were replaced by an error because no message may be so large.")
                                .Add({})),
      queue_seconds_(&prometheus::BuildHistogram()
                          .Name("orewatch_grpc_queue_seconds")
                          .Help("Wait for a thread before a blocking handler ran.")
                          .Register(registry)
                          .Add({{"priority", "normal"}}, kSecondsBuckets)) {
  auto& rejected = Counters(registry, "orewatch_grpc_rejected_total", "Calls refused before their handler ran.");
  constexpr std::array<const char*, kRejectionCount> kReasons = {"concurrency", "queue_full", "streams", "draining"};
  for (size_t i = 0; i < kReasons.size(); ++i) {
    rejected_.at(i) = &rejected.Add({{"reason", kReasons.at(i)}, {"priority", "normal"}});
  }
}

MethodMetrics RpcMetrics::ForMethod(const std::string& type, const std::string& service, const std::string& method) {
  const prometheus::Labels labels = {{"grpc_type", type}, {"grpc_service", service}, {"grpc_method", method}};
  MethodMetrics metrics{};
  metrics.started = &started_.Add(labels);
  for (int code = 0; code < kCodeCount; ++code) {
    prometheus::Labels with_code = labels;
    with_code["grpc_code"] = CodeName(code);
    metrics.handled.at(static_cast<size_t>(code)) = &handled_.Add(with_code);
  }
  metrics.seconds = type == "unary" ? &seconds_.Add(labels, kSecondsBuckets) : nullptr;
  metrics.received = &received_.Add(labels);
  metrics.sent = &sent_.Add(labels);
  metrics.exceptions = &exceptions_.Add({{"grpc_service", service}, {"grpc_method", method}});
  return metrics;
}

MethodMetrics RpcMetrics::ForMethod(const google::protobuf::MethodDescriptor& method) {
  return ForMethod(TypeOf(method), method.service()->full_name(), method.name());
}

}  // namespace orewatch::rpc
