// What the decorators around one neighbour count.
#pragma once

#include <string>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace orewatch::gateway {

// The registry outlives it. Every series stands at 0 from the start.
struct BackendMetrics {
  BackendMetrics(prometheus::Registry& registry, const std::string& backend);

  // 0 closed, 1 half open, 2 open.
  prometheus::Gauge& breaker_state;
  prometheus::Counter& breaker_opens;
  prometheus::Counter& breaker_refused;
  prometheus::Counter& retries_spent;
  // For want of budget.
  prometheus::Counter& retries_denied;
  // From 0, nothing is left, to 1.
  prometheus::Gauge& retry_budget;
  prometheus::Counter& coalesced;
  prometheus::Counter& cache_hits;
  prometheus::Counter& cache_misses;
  // Of the misses: answered with what was there, since the neighbour could not be asked.
  prometheus::Counter& cache_stale;
};

// Of one cache.
struct CacheMetrics {
  CacheMetrics(prometheus::Registry& registry, const std::string& cache);

  prometheus::Gauge& bytes;
  prometheus::Counter& evictions;
};

}  // namespace orewatch::gateway
