#include "services/alerting/deliver/delivery_metrics.h"

#include "absl/strings/ascii.h"

namespace orewatch::alerting {
namespace {

prometheus::Gauge& AddGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

const char* KindOf(const std::string& target) { return target == kAlertmanagerTarget ? "alertmanager" : "webhook"; }

std::string ResultOf(DeliveryState state) { return absl::AsciiStrToLower(DeliveryStateName(state)); }

}  // namespace

DeliveryMetrics::DeliveryMetrics(prometheus::Registry& registry)
    : posts_(prometheus::BuildCounter()
                 .Name("orewatch_alerting_alertmanager_posts_total")
                 .Help("Batches sent to an Alertmanager, by result.")
                 .Register(registry)),
      differences_(prometheus::BuildCounter()
                       .Name("orewatch_alerting_alertmanager_differences_total")
                       .Help("Alerts that an Alertmanager did not hold as it should have.")
                       .Register(registry)
                       .Add({})),
      replicas_(AddGauge(registry, "orewatch_alerting_alertmanager_replicas", "Addresses of Alertmanager.")),
      deliveries_(prometheus::BuildCounter()
                      .Name("orewatch_alerting_deliveries_total")
                      .Help("Deliveries, by kind of target and what became of them.")
                      .Register(registry)),
      open_circuits_(
          AddGauge(registry, "orewatch_alerting_webhook_open_circuits", "Webhooks that are left alone for a while.")),
      hooks_(prometheus::BuildCounter()
                 .Name("orewatch_alerting_notifications_back_total")
                 .Help("Calls of Alertmanager's webhook back to us, by result.")
                 .Register(registry)),
      watchdog_seen_(AddGauge(registry, "orewatch_alerting_watchdog_seen_timestamp_seconds",
                              "When the watchdog alert came back from Alertmanager last.")),
      unaccepted_(AddGauge(registry, "orewatch_alerting_unaccepted_alerts",
                           "Firing alerts that no Alertmanager has taken for two minutes.")),
      unnotified_(AddGauge(registry, "orewatch_alerting_unnotified_transitions",
                           "Changes of the last day that should have come back from Alertmanager and did not.")) {
  for (const bool ok : {true, false}) {
    posts_.Add({{"result", ok ? "ok" : "error"}});
  }
  for (const char* kind : {"alertmanager", "webhook"}) {
    for (const DeliveryState state : {DeliveryState::kPending, DeliveryState::kDelivered, DeliveryState::kDead}) {
      deliveries_.Add({{"target", kind}, {"result", ResultOf(state)}});
    }
  }
  for (const char* result : {"ok", "bad", "refused", "failed"}) {
    hooks_.Add({{"result", result}});
  }
}

void DeliveryMetrics::CountPost(bool ok) { posts_.Add({{"result", ok ? "ok" : "error"}}).Increment(); }
void DeliveryMetrics::CountDifferences(int64_t count) { differences_.Increment(static_cast<double>(count)); }
void DeliveryMetrics::SetReplicas(int64_t count) { replicas_.Set(static_cast<double>(count)); }
void DeliveryMetrics::CountDelivery(const std::string& target, DeliveryState state) {
  deliveries_.Add({{"target", KindOf(target)}, {"result", ResultOf(state)}}).Increment();
}
void DeliveryMetrics::SetOpenCircuits(int64_t count) { open_circuits_.Set(static_cast<double>(count)); }
void DeliveryMetrics::CountHook(const char* result) { hooks_.Add({{"result", result}}).Increment(); }
void DeliveryMetrics::SetWatchdogSeen(absl::Time time) {
  watchdog_seen_.Set(absl::ToDoubleSeconds(time - absl::UnixEpoch()));
}
void DeliveryMetrics::SetUnaccepted(int64_t count) { unaccepted_.Set(static_cast<double>(count)); }
void DeliveryMetrics::SetUnnotified(int64_t count) { unnotified_.Set(static_cast<double>(count)); }

}  // namespace orewatch::alerting
