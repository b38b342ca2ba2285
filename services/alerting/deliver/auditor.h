// Looks whether what should have been told was.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/time/clock.h"
#include "services/alerting/deliver/alertmanager_sender.h"
#include "services/alerting/deliver/delivery_metrics.h"
#include "services/alerting/deliver/platform_alerts.h"
#include "services/alerting/store/delivery_store.h"

namespace orewatch::alerting {

// Used on the sender's thread. All outlive it.
class Auditor {
 public:
  struct Options {
    // Alertmanager calls us back.
    bool expects_notifications = false;
    absl::Duration accepted_within = absl::Minutes(2);
    // Of the change, whatever Alertmanager's own waits are.
    absl::Duration notified_within = absl::Minutes(2);
    // An alert that ends this soon may never be told of: Alertmanager waits before it tells.
    absl::Duration swallowed_within = absl::Seconds(45);
    absl::Duration looks_back = absl::Hours(24);
  };
  struct Dependencies {
    AlertmanagerSender& sender;
    DeliveryStore& store;
    const Clock& clock;
    PlatformAlerts& platform;
    DeliveryMetrics& metrics;
    GetLease lease;
  };
  Auditor(const Options& options, const Dependencies& dependencies) : options_(options), deps_(dependencies) {}

  // Before a step of the sender. Only who may send knows what was sent: what was found under another lease is
  // forgotten. True if there is a lease, and there was none or another.
  bool FollowLease();
  // After a step of the sender: says what is late in metrics and by alerts of the platform. Nothing without the lease.
  absl::Status Step();

 private:
  absl::Status Look();
  // What should have come back by now, and did not.
  absl::StatusOr<std::vector<Delivery>> FindUnnotified() const;
  // Of deliveries by sequence: those that began and ended within the time that Alertmanager waits.
  std::set<int64_t> Swallowed(const std::vector<Delivery>& unnotified) const;

  const Options options_;
  const Dependencies deps_;
  // Of the lease; 0: there is none.
  int64_t epoch_ = 0;
  // Of the last lease that there was.
  int64_t term_ = 0;
};

}  // namespace orewatch::alerting
