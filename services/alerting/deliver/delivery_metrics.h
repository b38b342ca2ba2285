// orewatch_alerting_delivery_*: what operators see of deliveries.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/metrics/labelled.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "services/alerting/notify_seconds.h"
#include "services/alerting/store/delivery_store.h"

namespace orewatch::alerting {

// What an Alertmanager holds against what it should hold.
struct Differences {
  // It lacks what fires.
  int64_t missing = 0;
  // It holds what does not fire.
  int64_t extra = 0;
  // It holds another change of an alert.
  int64_t differs = 0;
};

// Thread-safe. The registry outlives it.
class DeliveryMetrics {
 public:
  explicit DeliveryMetrics(prometheus::Registry& registry);

  // An attempt to tell an Alertmanager. What was broken off because we stop counts as none.
  void CountRequest(const absl::Status& status);
  void CountDifferences(const Differences& differences);
  void SetDiscovered(int64_t count) { discovered_.Set(static_cast<double>(count)); }
  // To Alertmanager or, under one label, to all webhooks.
  void CountDelivery(const std::string& target, DeliveryState state);
  void SetOutbox(const Outbox& outbox);
  void SetOpenCircuits(int64_t count);
  void CountHook(const char* result);
  void SetWatchdogSeen(absl::Time time);
  void SetUnaccepted(int64_t count);
  void SetUnnotified(int64_t count);
  void SetUnconfirmed(int64_t count) { unconfirmed_.Set(static_cast<double>(count)); }
  NotifySeconds& notify() { return notify_; }

 private:
  const metrics::Labelled<prometheus::Counter> requests_;
  const metrics::Labelled<prometheus::Counter> differences_;
  prometheus::Gauge& discovered_;
  prometheus::Family<prometheus::Counter>& deliveries_;
  const metrics::Labelled<prometheus::Counter> to_alertmanager_;
  const metrics::Labelled<prometheus::Counter> to_webhooks_;
  const metrics::Labelled<prometheus::Gauge> pending_;
  const metrics::Labelled<prometheus::Gauge> oldest_pending_;
  prometheus::Gauge& dead_;
  prometheus::Gauge& open_circuits_;
  const metrics::Labelled<prometheus::Counter> hooks_;
  prometheus::Gauge& watchdog_seen_;
  prometheus::Gauge& unaccepted_;
  prometheus::Gauge& unnotified_;
  prometheus::Gauge& unconfirmed_;
  NotifySeconds notify_;
};

}  // namespace orewatch::alerting
