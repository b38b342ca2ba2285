#include "services/gateway/client/backend_metrics.h"

namespace orewatch::gateway {
namespace {

using Labels = prometheus::Labels;

prometheus::Counter& CounterOf(prometheus::Registry& registry, const std::string& name, const std::string& help,
                               const Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add(labels);
}

prometheus::Counter& RetriesOf(prometheus::Registry& registry, const std::string& backend, const char* outcome) {
  return CounterOf(registry, "orewatch_gateway_retries_total",
                   "Reads that failed and could be repeated, by whether the budget allowed it.",
                   {{"backend", backend}, {"outcome", outcome}});
}

prometheus::Counter& CacheRequestsOf(prometheus::Registry& registry, const std::string& backend, const char* result) {
  return CounterOf(registry, "orewatch_gateway_cache_requests_total",
                   "Reads by what the cache made of them; a stale one was a miss before.",
                   {{"backend", backend}, {"result", result}});
}

}  // namespace

BackendMetrics::BackendMetrics(prometheus::Registry& registry, const std::string& backend)
    : breaker_state(prometheus::BuildGauge()
                        .Name("orewatch_gateway_breaker_state")
                        .Help("State of the circuit breaker: 0 closed, 1 half open, 2 open.")
                        .Register(registry)
                        .Add({{"backend", backend}})),
      breaker_opens(CounterOf(registry, "orewatch_gateway_breaker_opens_total",
                              "Times that the circuit breaker opened.", {{"backend", backend}})),
      breaker_refused(CounterOf(registry, "orewatch_gateway_breaker_refused_total",
                                "Reads that were not sent because the circuit breaker was open.",
                                {{"backend", backend}})),
      retries_spent(RetriesOf(registry, backend, "spent")),
      retries_denied(RetriesOf(registry, backend, "denied")),
      retry_budget(prometheus::BuildGauge()
                       .Name("orewatch_gateway_retry_budget_ratio")
                       .Help("Retries that are left of the most that calls can earn.")
                       .Register(registry)
                       .Add({{"backend", backend}})),
      coalesced(CounterOf(registry, "orewatch_gateway_coalesced_total",
                          "Reads that were answered by the same one of another call.", {{"backend", backend}})),
      cache_hits(CacheRequestsOf(registry, backend, "hit")),
      cache_misses(CacheRequestsOf(registry, backend, "miss")),
      cache_stale(CacheRequestsOf(registry, backend, "stale")) {}

CacheMetrics::CacheMetrics(prometheus::Registry& registry, const std::string& cache)
    : bytes(prometheus::BuildGauge()
                .Name("orewatch_gateway_cache_bytes")
                .Help("Bytes that are held.")
                .Register(registry)
                .Add({{"cache", cache}})),
      evictions(CounterOf(registry, "orewatch_gateway_cache_evictions_total",
                          "Entries that went to make room for others.", {{"cache", cache}})) {}

}  // namespace orewatch::gateway
