#include "services/alerting/notify_seconds.h"

#include <algorithm>

namespace orewatch::alerting {
namespace {

// Between whole numbers: what takes exactly as long as it may must count as in time.
const prometheus::Histogram::BucketBoundaries& Buckets() {
  static const prometheus::Histogram::BucketBoundaries kBuckets = {0.5, 2.5, 7.5, 15.5, 30.5, 60.5, 300.5};
  return kBuckets;
}

}  // namespace

NotifySeconds::NotifySeconds(prometheus::Registry& registry)
    : NotifySeconds(prometheus::BuildHistogram()
                        .Name("orewatch_alerting_notify_seconds")
                        .Help("Until an alert fires, an Alertmanager has taken it, and a receiver has been told.")
                        .Register(registry)) {}

NotifySeconds::NotifySeconds(prometheus::Family<prometheus::Histogram>& family)
    : detect_(family.Add({{"stage", "detect"}}, Buckets())),
      dispatch_(family.Add({{"stage", "dispatch"}}, Buckets())),
      confirm_(family.Add({{"stage", "confirm"}}, Buckets())) {}

void NotifySeconds::Observe(prometheus::Histogram& stage, absl::Duration took) {
  // Two clocks may disagree.
  stage.Observe(std::max(0.0, absl::ToDoubleSeconds(took)));
}

}  // namespace orewatch::alerting
