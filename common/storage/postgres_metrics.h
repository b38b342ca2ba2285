// orewatch_db_*: what the connections to PostgreSQL do.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace orewatch::storage {

// Registered once per process and database. Thread-safe.
class PostgresMetrics {
 public:
  // `operations` are what ObserveQuery and CountRetry are given, so that their series are there from the start.
  PostgresMetrics(prometheus::Registry& registry, const std::vector<const char*>& operations);

  prometheus::Gauge& idle() { return idle_; }
  prometheus::Gauge& in_use() { return in_use_; }
  prometheus::Gauge& max() { return max_; }
  prometheus::Gauge& schema_version() { return schema_version_; }

  void ObserveAcquire(absl::Duration waited);
  // `operation` is one of a handful of constants.
  void ObserveQuery(const char* operation, absl::Duration took);
  void CountRetry(const char* operation);
  void CountError(const absl::Status& status);

 private:
  prometheus::Family<prometheus::Gauge>& connections_;
  prometheus::Gauge& idle_;
  prometheus::Gauge& in_use_;
  prometheus::Gauge& max_;
  prometheus::Gauge& schema_version_;
  prometheus::Histogram& acquire_seconds_;
  prometheus::Family<prometheus::Histogram>& query_seconds_;
  prometheus::Family<prometheus::Counter>& errors_;
  prometheus::Family<prometheus::Counter>& retries_;
};

}  // namespace orewatch::storage
