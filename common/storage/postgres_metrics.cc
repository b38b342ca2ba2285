#include "common/storage/postgres_metrics.h"

#include "common/storage/postgres_errors.h"

namespace orewatch::storage {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                          0.1,    0.25,  0.5,    1,     2.5,  5,     10};

prometheus::Gauge& SingleGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

PostgresMetrics::PostgresMetrics(prometheus::Registry& registry, const std::vector<const char*>& operations)
    : connections_(prometheus::BuildGauge()
                       .Name("orewatch_db_connections")
                       .Help("Connections of the pool to the database.")
                       .Register(registry)),
      idle_(connections_.Add({{"state", "idle"}})),
      in_use_(connections_.Add({{"state", "in_use"}})),
      max_(SingleGauge(registry, "orewatch_db_connections_max", "Most connections that the pool opens.")),
      schema_version_(SingleGauge(registry, "orewatch_db_schema_version", "Version of the database's schema.")),
      acquire_seconds_(prometheus::BuildHistogram()
                           .Name("orewatch_db_acquire_seconds")
                           .Help("Time to get a connection from the pool.")
                           .Register(registry)
                           .Add({}, kSeconds)),
      query_seconds_(prometheus::BuildHistogram()
                         .Name("orewatch_db_query_seconds")
                         .Help("Time that an operation took in the database.")
                         .Register(registry)),
      errors_(prometheus::BuildCounter()
                  .Name("orewatch_db_errors_total")
                  .Help("Statements and connections that failed.")
                  .Register(registry)),
      retries_(prometheus::BuildCounter()
                   .Name("orewatch_db_retries_total")
                   .Help("Operations repeated on a new connection.")
                   .Register(registry)) {
  for (const char* error_class : {"connection", "serialization", "timeout", "constraint", "other"}) {
    errors_.Add({{"class", error_class}});
  }
  for (const char* operation : operations) {
    query_seconds_.Add({{"operation", operation}}, kSeconds);
    retries_.Add({{"operation", operation}});
  }
}

void PostgresMetrics::ObserveAcquire(absl::Duration waited) { acquire_seconds_.Observe(absl::ToDoubleSeconds(waited)); }

void PostgresMetrics::ObserveQuery(const char* operation, absl::Duration took) {
  query_seconds_.Add({{"operation", operation}}, kSeconds).Observe(absl::ToDoubleSeconds(took));
}

void PostgresMetrics::CountRetry(const char* operation) { retries_.Add({{"operation", operation}}).Increment(); }

void PostgresMetrics::CountError(const absl::Status& status) {
  errors_.Add({{"class", ErrorClass(status)}}).Increment();
}

}  // namespace orewatch::storage
