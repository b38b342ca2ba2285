// An Alertmanager in this process, on whatever time the test has: what the real one does with alerts, groups,
// inhibition and what it remembers, under the configuration that the suite ships.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "common/time/clock.h"
#include "services/alerting/deliver/json_text.h"
#include "services/alerting/deliver/posted_alert.h"
#include "tests/testing/notification_log.h"

namespace orewatch::testing {

// One replica, called by its client. Thread-compatible.
class FakeAlertmanager final : public http::Client {
 public:
  FakeAlertmanager(const Clock& clock, NotificationLog& log) : clock_(clock), log_(log) {}

  absl::StatusOr<http::Response> Send(const http::Request& request) override {
    if (down_) {
      return absl::UnavailableError("connection refused");
    }
    if (request.method == "POST") {
      return Take(request.body);
    }
    return http::Response{.status = 200, .body = Held()};
  }
  // It runs on and hears nothing.
  void CutOff(bool cut) { down_ = cut; }
  // It loses its alerts and keeps what it has told.
  void Restart() { alerts_.clear(); }

  // From now on it takes even what is labelled `poison`.
  void TakePoison() { takes_poison_ = true; }

  // Tells what is due: each label set is a group of its own.
  void Flush() {
    alerting::Notification notification;
    for (auto alert = alerts_.begin(); alert != alerts_.end();) {
      const bool firing = IsFiring(alert->second);
      const bool tell = firing != told_firing_.contains(alert->first) && !IsInhibited(alert->second);
      if (tell) {
        firing ? static_cast<void>(told_firing_.insert(alert->first))
               : static_cast<void>(told_firing_.erase(alert->first));
        notification.alerts.push_back(Told(alert->second, firing));
      }
      alert = firing ? std::next(alert) : alerts_.erase(alert);
    }
    log_.Add(notification);
  }

 private:
  bool IsFiring(const alerting::HeldAlert& alert) const { return alert.ends_at > clock_.Now(); }
  bool IsInhibited(const alerting::HeldAlert& alert) const {
    for (const auto& [key, other] : alerts_) {
      if (IsFiring(other) && other.labels.at("alert_id") == alert.labels.at("alert_id") &&
          alerting::SeverityOf(other.labels.at("severity")) > alerting::SeverityOf(alert.labels.at("severity"))) {
        return true;
      }
    }
    return false;
  }
  static alerting::NotifiedAlert Told(const alerting::HeldAlert& alert, bool firing) {
    return {.firing = firing,
            .alert_id = alert.labels.at("alert_id"),
            .sequence = std::stoll(alert.annotations.at("transition_seq")),
            .severity = alert.labels.at("severity")};
  }
  http::Response Take(const std::string& body) {
    bool refused = false;
    for (nlohmann::json alert : alerting::ParseJson(body)) {
      alert["status"] = {{"state", "active"}};
      const auto read = alerting::ParseHeldAlerts(alerting::Dump(nlohmann::json::array({alert})));
      // As the real one: the others are taken.
      if (!read.ok() || (!takes_poison_ && read->front().labels.contains("poison"))) {
        refused = true;
        continue;
      }
      alerts_[alerting::LabelKey(read->front().labels)] = read->front();
    }
    return {.status = refused ? 400 : 200, .body = refused ? "poison" : ""};
  }
  std::string Held() const {
    nlohmann::json array = nlohmann::json::array();
    for (const auto& [key, alert] : alerts_) {
      if (IsFiring(alert)) {
        array.push_back({{"labels", alert.labels},
                         {"annotations", alert.annotations},
                         {"startsAt", alerting::JsonTime(alert.starts_at)},
                         {"endsAt", alerting::JsonTime(alert.ends_at)},
                         {"status", {{"state", IsInhibited(alert) ? "suppressed" : "active"}}}});
      }
    }
    return alerting::Dump(array);
  }

  const Clock& clock_;
  NotificationLog& log_;
  bool down_ = false;
  bool takes_poison_ = false;
  std::map<std::string, alerting::HeldAlert> alerts_;
  std::set<std::string> told_firing_;
};

}  // namespace orewatch::testing
