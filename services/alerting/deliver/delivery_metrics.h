// orewatch_alerting_delivery_*: what operators see of deliveries.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "services/alerting/domain/delivery.h"

namespace orewatch::alerting {

// Thread-safe. The registry outlives it.
class DeliveryMetrics {
 public:
  explicit DeliveryMetrics(prometheus::Registry& registry);

  void CountPost(bool ok);
  void CountDifferences(int64_t count);
  void SetReplicas(int64_t count);
  // To Alertmanager or, under one label, to all webhooks.
  void CountDelivery(const std::string& target, DeliveryState state);
  void SetOpenCircuits(int64_t count);
  void CountHook(const char* result);
  void SetWatchdogSeen(absl::Time time);
  void SetUnaccepted(int64_t count);
  void SetUnnotified(int64_t count);

 private:
  prometheus::Family<prometheus::Counter>& posts_;
  prometheus::Counter& differences_;
  prometheus::Gauge& replicas_;
  prometheus::Family<prometheus::Counter>& deliveries_;
  prometheus::Gauge& open_circuits_;
  prometheus::Family<prometheus::Counter>& hooks_;
  prometheus::Gauge& watchdog_seen_;
  prometheus::Gauge& unaccepted_;
  prometheus::Gauge& unnotified_;
};

}  // namespace orewatch::alerting
