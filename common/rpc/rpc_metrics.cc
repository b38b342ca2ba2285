#include "common/rpc/rpc_metrics.h"

#include "common/rpc/transport.h"

namespace orewatch::rpc {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

// Where the last tenth of a deadline is used up is where callers begin to fail.
const Histogram::BucketBoundaries kRatioBuckets = {0, .05, .1, .25, .5, .75, .9, .95};

Family<Counter>& Counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Gauge* SingleGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return &prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

Counter* SingleCounter(prometheus::Registry& registry, const char* name, const char* help) {
  return &Counters(registry, name, help).Add({});
}

Histogram* SingleHistogram(prometheus::Registry& registry, const char* name, const char* help,
                           const prometheus::Labels& labels, const Histogram::BucketBoundaries& bounds) {
  return &prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add(labels, bounds);
}

WatchMetrics WatchSeries(prometheus::Registry& registry) {
  return {SingleGauge(registry, "orewatch_watch_streams", "Streams open that follow something."),
          SingleCounter(registry, "orewatch_watch_events_sent_total", "Messages sent to those who follow something."),
          SingleHistogram(registry, "orewatch_watch_lag_seconds",
                          "From the commit of a revision to its sending, to those who followed already.", {},
                          SecondsBuckets())};
}

void ExposeMessageLimit(prometheus::Registry& registry) {
  auto& limit = prometheus::BuildGauge()
                    .Name("orewatch_grpc_max_message_bytes")
                    .Help("Largest message, by direction.")
                    .Register(registry);
  limit.Add({{"direction", "received"}}).Set(kMaxMessageBytes);
  limit.Add({{"direction", "sent"}}).Set(kMaxMessageBytes);
}

Family<Counter>& Rejected(prometheus::Registry& registry) {
  return Counters(registry, "orewatch_grpc_rejected_total", "Calls refused before their handler ran, and connections.");
}

}  // namespace

Counter& RejectedConnections(prometheus::Registry& registry) {
  // Nobody knows yet what they would have asked for.
  return Rejected(registry).Add({{"reason", "connections"}, {"priority", "unknown"}});
}

RpcMetrics::RpcMetrics(prometheus::Registry& registry)
    : methods_(registry, "server"),
      exceptions_(Counters(registry, "orewatch_handler_exceptions_total", "Handlers that threw.")),
      impatient_(Counters(registry, "orewatch_grpc_impatient_calls_total",
                          "Calls that ended DeadlineExceeded and were given less time than the objectives promise.")),
      in_flight_(SingleGauge(registry, "orewatch_grpc_in_flight", "Unary calls being handled.")),
      in_flight_limit_(SingleGauge(registry, "orewatch_grpc_in_flight_limit", "Unary calls admitted at once.")),
      streams_(SingleGauge(registry, "orewatch_grpc_streams", "Streams open.")),
      deadline_remaining_ratio_(SingleHistogram(registry, "orewatch_grpc_deadline_remaining_ratio",
                                                "Time left over time given, of unary calls with a deadline.", {},
                                                kRatioBuckets)),
      drain_seconds_(SingleGauge(registry, "orewatch_drain_seconds", "Duration of the drain; 0 until it has ended.")),
      drain_cancelled_calls_(SingleCounter(registry, "orewatch_drain_cancelled_calls_total",
                                           "Calls cancelled because the drain would wait no longer.")),
      watch_(WatchSeries(registry)),
      responses_too_large_(SingleCounter(registry, "orewatch_grpc_responses_too_large_total",
                                         "Answers replaced by an error because no message may be so large.")) {
  ExposeMessageLimit(registry);
  auto& queue_seconds = prometheus::BuildHistogram()
                            .Name("orewatch_grpc_queue_seconds")
                            .Help("Wait for a thread before a blocking handler ran.")
                            .Register(registry);
  auto& rejected = Rejected(registry);
  constexpr std::array<const char*, kRejectionCount> kReasons = {
      "concurrency", "queue_full",         "queue_slow",  "streams",   "draining",
      "rate",        "deadline_too_short", "no_deadline", "too_large", "memory"};
  for (size_t rank = 0; rank < kPriorities; ++rank) {
    queue_seconds_.at(rank) = &queue_seconds.Add({{"priority", NameOfRank(rank)}}, SecondsBuckets());
    for (size_t i = 0; i < kRejectionCount; ++i) {
      rejected_.at(i).at(rank) = &rejected.Add({{"reason", kReasons.at(i)}, {"priority", NameOfRank(rank)}});
    }
  }
}

ServerMethodMetrics RpcMetrics::WithOwn(const MethodMetrics& metrics, const std::string& service,
                                        const std::string& method) {
  const prometheus::Labels labels = {{"grpc_service", service}, {"grpc_method", method}};
  return {metrics, &exceptions_.Add(labels), &impatient_.Add(labels)};
}

ServerMethodMetrics RpcMetrics::ForMethod(const google::protobuf::MethodDescriptor& method) {
  return WithOwn(methods_.ForMethod(method), method.service()->full_name(), method.name());
}

ServerMethodMetrics RpcMetrics::ForUnknownMethods() {
  constexpr char kUnknown[] = "unknown";
  return WithOwn(methods_.ForMethod(kUnaryType, kUnknown, kUnknown), kUnknown, kUnknown);
}

}  // namespace orewatch::rpc
