// Sends one webhook its deliveries.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/client.h"
#include "common/time/clock.h"
#include "services/alerting/deliver/circuit_breaker.h"
#include "services/alerting/deliver/delivery_metrics.h"
#include "services/alerting/deliver/lease.h"
#include "services/alerting/deliver/webhook.h"
#include "services/alerting/store/delivery_store.h"

namespace orewatch::alerting {

// Thread-safe.
class AlertEvents {
 public:
  virtual ~AlertEvents() = default;
  // The change with this sequence; unset if there is none that the principal may see. UNAVAILABLE, DATA_LOSS.
  virtual absl::StatusOr<std::optional<AlertEvent>> Find(int64_t sequence, const std::string& principal) = 0;
};

// At least once, and in the order of its changes for each alert; a dead delivery is passed over. Thread-compatible.
class WebhookSender {
 public:
  struct Options {
    // Value of `source` in the events.
    std::string source = "//orewatch/alerting";
    absl::Duration timeout = absl::Seconds(15);
    // A change that is older is given up when it fails once more, but not before so many attempts: it may have been
    // replayed.
    absl::Duration dead_after = absl::Hours(72);
    int least_attempts = 10;
    BackoffPolicy backoff = {.first = absl::Seconds(5), .longest = absl::Hours(1)};
    CircuitBreaker::Policy breaker = {};
    uint64_t seed = 0;
  };
  // All outlive it.
  struct Dependencies {
    AlertEvents& events;
    DeliveryStore& store;
    const Clock& clock;
    http::Client& client;
    DeliveryMetrics& metrics;
    GetLease lease;
  };
  WebhookSender(WebhookEndpoint endpoint, const Options& options, const Dependencies& dependencies)
      : endpoint_(std::move(endpoint)),
        options_(options),
        deps_(dependencies),
        random_(options.seed),
        breaker_(options.breaker) {}

  // Sends what is due now. Does nothing without the lease.
  absl::Status Step();
  bool circuit_open() const { return breaker_.open(deps_.clock.Now()); }

 private:
  // True if there may be more that is due.
  absl::StatusOr<bool> SendPage(const Lease& lease);
  void Attempt(const Lease& lease, Delivery& delivery);
  // The answer's status, or why there is none.
  absl::StatusOr<http::Response> Post(const Lease& lease, const AlertEvent& event);
  void Decide(const absl::StatusOr<http::Response>& answer, Delivery& delivery);
  void Retry(std::string error, absl::Duration at_least, Delivery& delivery);
  static void Bury(std::string error, Delivery& delivery);

  const WebhookEndpoint endpoint_;
  const Options options_;
  const Dependencies deps_;
  std::mt19937_64 random_;
  CircuitBreaker breaker_;
};

}  // namespace orewatch::alerting
