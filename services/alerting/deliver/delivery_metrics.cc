#include "services/alerting/deliver/delivery_metrics.h"

#include "absl/strings/ascii.h"
#include "common/status/status.h"

namespace orewatch::alerting {
namespace {

const std::vector<std::string>& Results() {
  static const std::vector<std::string> kResults = {"pending", "delivered", "dead"};
  return kResults;
}

const char* OutcomeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return "accepted";
    case absl::StatusCode::kInvalidArgument:
      return "rejected";
    case absl::StatusCode::kDeadlineExceeded:
      return "timeout";
    default:
      return ErrorReason(status) == "NO_ANSWER" ? "connect_error" : "http_error";
  }
}

}  // namespace

DeliveryMetrics::DeliveryMetrics(prometheus::Registry& registry)
    : requests_(metrics::AddCounters(registry, "orewatch_alerting_alertmanager_requests_total",
                                     "Attempts to tell an Alertmanager, by what came of them.", "outcome",
                                     {"accepted", "rejected", "http_error", "timeout", "connect_error"})),
      differences_(metrics::AddCounters(registry, "orewatch_alerting_reconcile_differences_total",
                                        "Alerts that an Alertmanager did not hold as it should have.", "kind",
                                        {"missing", "extra", "differs"})),
      discovered_(metrics::AddGauge(registry, "orewatch_alerting_alertmanagers_discovered",
                                    "Addresses of Alertmanager that are told.")),
      deliveries_(metrics::AddCounters(registry, "orewatch_alerting_deliveries_total",
                                       "Deliveries, by kind of target and what became of them.")),
      to_alertmanager_(deliveries_, "result", Results(), {{"target", "alertmanager"}}),
      to_webhooks_(deliveries_, "result", Results(), {{"target", "webhook"}}),
      pending_(metrics::AddGauges(registry, "orewatch_alerting_outbox_pending", "Deliveries that nobody has taken.",
                                  "target", {"alertmanager", "webhook"})),
      oldest_pending_(metrics::AddGauges(registry, "orewatch_alerting_outbox_oldest_pending_timestamp_seconds",
                                         "When the oldest delivery that nobody has taken came in; 0: there is none.",
                                         "target", {"alertmanager", "webhook"})),
      dead_(metrics::AddGauge(registry, "orewatch_alerting_dead_letters", "Deliveries that were given up.")),
      open_circuits_(metrics::AddGauge(registry, "orewatch_alerting_webhook_open_circuits",
                                       "Webhooks that are left alone for a while.")),
      hooks_(metrics::AddCounters(registry, "orewatch_alerting_notifications_back_total",
                                  "Calls of Alertmanager's webhook back to us, by result.", "result",
                                  {"ok", "bad", "refused", "failed"})),
      watchdog_seen_(metrics::AddGauge(registry, "orewatch_alerting_watchdog_seen_timestamp_seconds",
                                       "When the watchdog alert came back from Alertmanager last.")),
      unaccepted_(metrics::AddGauge(registry, "orewatch_alerting_unaccepted_alerts",
                                    "Firing alerts that no Alertmanager has taken for two minutes.")),
      unnotified_(
          metrics::AddGauge(registry, "orewatch_alerting_unnotified_transitions",
                            "Changes of the last day that should have come back from Alertmanager and did not.")),
      unconfirmed_(metrics::AddGauge(registry, "orewatch_alerting_unconfirmed",
                                     "Firing alerts of which no receiver is known to have been told for two minutes.")),
      notify_(registry) {}

void DeliveryMetrics::CountRequest(const absl::Status& status) {
  if (!absl::IsCancelled(status)) {
    requests_.Of(OutcomeOf(status)).Increment();
  }
}

void DeliveryMetrics::CountDifferences(const Differences& differences) {
  differences_.Of("missing").Increment(static_cast<double>(differences.missing));
  differences_.Of("extra").Increment(static_cast<double>(differences.extra));
  differences_.Of("differs").Increment(static_cast<double>(differences.differs));
}

void DeliveryMetrics::CountDelivery(const std::string& target, DeliveryState state) {
  const auto& kind = target == kAlertmanagerTarget ? to_alertmanager_ : to_webhooks_;
  kind.Of(absl::AsciiStrToLower(DeliveryStateName(state))).Increment();
}

void DeliveryMetrics::SetOutbox(const Outbox& outbox) {
  const auto show = [&](const char* target, const Backlog& backlog) {
    pending_.Of(target).Set(static_cast<double>(backlog.pending));
    const absl::Time oldest = backlog.oldest.value_or(absl::UnixEpoch());
    oldest_pending_.Of(target).Set(absl::ToDoubleSeconds(oldest - absl::UnixEpoch()));
  };
  show("alertmanager", outbox.alertmanager);
  show("webhook", outbox.webhooks);
  dead_.Set(static_cast<double>(outbox.dead));
}

void DeliveryMetrics::SetOpenCircuits(int64_t count) { open_circuits_.Set(static_cast<double>(count)); }
void DeliveryMetrics::CountHook(const char* result) { hooks_.Of(result).Increment(); }
void DeliveryMetrics::SetWatchdogSeen(absl::Time time) {
  watchdog_seen_.Set(absl::ToDoubleSeconds(time - absl::UnixEpoch()));
}
void DeliveryMetrics::SetUnaccepted(int64_t count) { unaccepted_.Set(static_cast<double>(count)); }
void DeliveryMetrics::SetUnnotified(int64_t count) { unnotified_.Set(static_cast<double>(count)); }

}  // namespace orewatch::alerting
