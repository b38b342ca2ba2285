// Drops what has been over for so long that nobody needs it.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/alerting/domain/retention.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {

// Thread-compatible. What it is given outlives it.
class Sweeper {
 public:
  static constexpr int64_t kBatch = 500;
  static constexpr int kBatchesAStep = 20;
  static constexpr absl::Duration kPassEvery = absl::Hours(1);

  Sweeper(AlertEngine& engine, const RetentionPolicy& policy, AlertMetrics& metrics)
      : engine_(engine), policy_(policy), metrics_(metrics) {}

  // Goes on with a pass through what is old, or begins one an hour after the last; without the lease it does nothing.
  // Dropped are deliveries that are not pending, and events of which no delivery is left, of what is not going on with
  // an alert. Many small commits, not more of them in one step than a tick has time for. As AlertEngine::Drop.
  absl::Status Step();

 private:
  // How far one has come.
  struct Pass {
    DeliveryRank delivery = {};
    bool deliveries_done = false;
    int64_t event = 0;
  };

  // False: there is nothing more in this pass.
  absl::StatusOr<bool> SweepDeliveries(absl::Time before);
  absl::StatusOr<bool> SweepEvents(absl::Time before);
  absl::Status DropDeliveries(const std::vector<Delivery>& deliveries);
  bool GoesOn(const std::string& alert_id, absl::Time since) const;
  // Which of the events from one to another there are deliveries of.
  absl::StatusOr<std::set<int64_t>> Delivered(int64_t first, int64_t last) const;

  AlertEngine& engine_;
  const RetentionPolicy policy_;
  AlertMetrics& metrics_;
  Pass pass_;
  absl::Time next_pass_ = absl::InfinitePast();
};

}  // namespace orewatch::alerting
