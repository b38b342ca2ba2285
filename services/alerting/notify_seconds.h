// orewatch_alerting_notify_seconds: how long it takes until somebody knows.
#pragma once

#include "absl/time/time.h"
#include "prometheus/family.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace orewatch::alerting {

// Thread-safe. The registry outlives it; of the same registry, all count in the same place.
class NotifySeconds {
 public:
  explicit NotifySeconds(prometheus::Registry& registry);

  // From the change in the registry, or the tick of the grid, by which an alert fires until that is stored.
  void Detected(absl::Duration took) { Observe(detect_, took); }
  // From the time of a change of an alert until an Alertmanager has taken it.
  void Dispatched(absl::Duration took) { Observe(dispatch_, took); }
  // From then until Alertmanager has called back to say that a receiver was told.
  void Confirmed(absl::Duration took) { Observe(confirm_, took); }

 private:
  explicit NotifySeconds(prometheus::Family<prometheus::Histogram>& family);
  static void Observe(prometheus::Histogram& stage, absl::Duration took);

  prometheus::Histogram& detect_;
  prometheus::Histogram& dispatch_;
  prometheus::Histogram& confirm_;
};

}  // namespace orewatch::alerting
