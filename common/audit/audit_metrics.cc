#include "common/audit/audit_metrics.h"

namespace orewatch::audit {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;

// From a disk that confirms at once to one that is about to fail.
const prometheus::Histogram::BucketBoundaries kWriteBuckets = {.0001, .00025, .0005, .001, .0025, .005, .01,
                                                               .025,  .05,    .1,    .25,  .5,    1,    5};

Family<Counter>& Counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Gauge& SingleGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

Counter& Kept(prometheus::Registry& registry, const char* kind) {
  return Counters(registry, "orewatch_audit_calls_total", "Calls that the audit log tells of.").Add({{"kind", kind}});
}

}  // namespace

AuditMetrics::AuditMetrics(prometheus::Registry& all)
    : registry(all),
      changes(Kept(registry, "change")),
      refusals(Kept(registry, "refusal")),
      summed(Kept(registry, "refusal_summed")),
      lost(Counters(registry, "orewatch_audit_records_lost_total", "Records that could not be written.").Add({})),
      write_failures(
          Counters(registry, "orewatch_audit_write_failures_total", "Attempts to write records that failed.").Add({})),
      anchor_failures(
          Counters(registry, "orewatch_audit_anchor_failures_total", "Attempts to keep an anchor that failed.")
              .Add({})),
      writable(SingleGauge(registry, "orewatch_audit_writable", "1 while the audit log can be written.")),
      sequence(SingleGauge(registry, "orewatch_audit_sequence", "Number of the last record.")),
      anchored_sequence(
          SingleGauge(registry, "orewatch_audit_anchored_sequence", "Number of the last record that is anchored.")),
      write_seconds(prometheus::BuildHistogram()
                        .Name("orewatch_audit_write_seconds")
                        .Help("Time to bring a group of records to the disk.")
                        .Register(registry)
                        .Add({}, kWriteBuckets)) {}

}  // namespace orewatch::audit
