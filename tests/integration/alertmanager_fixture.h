// Alerts that a test changes, and a sender that tells Alertmanagers of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/testing/matchers.h"
#include "prometheus/registry.h"
#include "services/alerting/deliver/alertmanager_sender.h"
#include "services/alerting/deliver/severity_text.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"
#include "tests/testing/notification_log.h"

namespace orewatch::testing {

// Thread-safe.
class ScriptedAlerts final : public alerting::FiringAlerts {
 public:
  explicit ScriptedAlerts(const Clock& clock) : clock_(clock), store_(*alerting::SqliteAlertStore::Open(":memory:")) {}

  void Fire(const std::string& id, alerting::Severity severity) {
    Change(id, [&](alerting::FiringAlert& alert) {
      if (alert.sequence == 0 || alert.resolve_time.has_value()) {
        alert.fire_time = clock_.Now();
      }
      alert.severity = severity;
      alert.resolve_time.reset();
    });
  }
  void Resolve(const std::string& id) {
    Change(id, [&](alerting::FiringAlert& alert) { alert.resolve_time = clock_.Now(); });
  }
  void AddLabel(const std::string& id, const std::string& name, const std::string& value) {
    absl::MutexLock lock(&mutex_);
    alerts_[id].labels[name] = value;
  }
  alerting::FiringSnapshot Snapshot(absl::Time ended_since) const override {
    absl::MutexLock lock(&mutex_);
    alerting::FiringSnapshot alerts;
    for (const auto& [id, alert] : alerts_) {
      if (!alert.resolve_time.has_value() || *alert.resolve_time >= ended_since) {
        auto& shown = shown_[alert.sequence];
        if (shown == nullptr || shown->labels != alert.labels) {
          shown = std::make_shared<alerting::FiringAlert>(alert);
        }
        alerts.push_back(shown);
      }
    }
    return alerts;
  }
  int64_t Sequence() const override {
    absl::MutexLock lock(&mutex_);
    return sequence_;
  }
  std::vector<ToldChange> changes() const {
    absl::MutexLock lock(&mutex_);
    return changes_;
  }
  std::vector<std::pair<std::string, absl::Time>> change_times() const {
    absl::MutexLock lock(&mutex_);
    return change_times_;
  }
  // Of who may send.
  alerting::Lease lease() { return {.epoch = *store_->TakeLease("test", absl::Minutes(1)).value()}; }
  alerting::DeliveryStore& deliveries() { return store_->deliveries(); }
  std::vector<alerting::Delivery> AllDeliveries() {
    auto all = deliveries().ListDeliveries({.limit = 10000});
    EXPECT_THAT(all, IsOk());
    return *std::move(all);
  }

 private:
  template <typename Edit>
  void Change(const std::string& id, const Edit& edit) {
    absl::MutexLock lock(&mutex_);
    alerting::FiringAlert& alert = alerts_[id];
    alert.alert_id = id;
    alert.labels = {{"alertname", "test"}, {"rule", "rules/test"}, {"subject", "minerals/cobalt"}};
    alert.annotations = {{"summary", absl::StrCat("change ", sequence_ + 1)}};
    edit(alert);
    alert.sequence = ++sequence_;
    changes_.push_back({id, alert.sequence, !alert.resolve_time.has_value(), alerting::SeverityText(alert.severity)});
    change_times_.emplace_back(id, clock_.Now());
    alerting::Commit commit{.base = store_->Load()->version};
    commit.deliveries = {{.sequence = alert.sequence,
                          .target = alerting::kAlertmanagerTarget,
                          .alert_id = id,
                          .create_time = clock_.Now(),
                          .next_attempt = clock_.Now()}};
    EXPECT_THAT(store_->Write(commit), IsOk());
  }

  const Clock& clock_;
  const std::unique_ptr<alerting::SqliteAlertStore> store_;
  mutable absl::Mutex mutex_;
  std::map<std::string, alerting::FiringAlert> alerts_ ABSL_GUARDED_BY(mutex_);
  // By the sequence of the change.
  mutable std::map<int64_t, std::shared_ptr<const alerting::FiringAlert>> shown_ ABSL_GUARDED_BY(mutex_);
  std::vector<ToldChange> changes_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::pair<std::string, absl::Time>> change_times_ ABSL_GUARDED_BY(mutex_);
  int64_t sequence_ ABSL_GUARDED_BY(mutex_) = 0;
};

// What any Alertmanager must tell in the same way. `settle` returns when what has changed has been told.
inline void RunContract(ScriptedAlerts& alerts, const std::function<void()>& settle) {
  alerts.Fire("a", alerting::Severity::kWarning);
  alerts.Fire("b", alerting::Severity::kCritical);
  settle();
  alerts.Fire("a", alerting::Severity::kCritical);
  settle();
  alerts.Resolve("a");
  settle();
  alerts.Fire("a", alerting::Severity::kInfo);
  settle();
  alerts.Resolve("b");
  settle();
}
inline std::vector<ToldChange> ContractTold() {
  return {{"a", 1, true, "warning"},   {"b", 2, true, "critical"}, {"a", 3, true, "critical"},
          {"a", 4, false, "critical"}, {"a", 4, false, "warning"}, {"a", 5, true, "info"},
          {"b", 6, false, "critical"}};
}

}  // namespace orewatch::testing
