// What WatchAlerts sends.
#pragma once

#include <cstdint>
#include <deque>

#include "common/rpc/notifier.h"
#include "common/rpc/service.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {

// Reads the stored timeline page by page, so that a watcher who is behind costs no more than one who is not.
// Thread-compatible; the engine outlives it.
class AlertSource final : public rpc::StreamSource<v1::WatchAlertsResponse> {
 public:
  // Sends what comes after `after`. `waker` is called when there is more.
  AlertSource(AlertEngine& engine, int64_t after, rpc::Waker waker);
  // UNAVAILABLE or DATA_LOSS from the store.
  absl::StatusOr<rpc::Poll> Next(v1::WatchAlertsResponse& out) override;

 private:
  AlertEngine& engine_;
  int64_t sent_;
  std::deque<Transition> page_;
  const rpc::Notifier::Subscription subscription_;
};

}  // namespace orewatch::alerting
