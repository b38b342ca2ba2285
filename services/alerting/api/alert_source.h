// What WatchAlerts sends.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "common/rpc/notifier.h"
#include "common/rpc/service.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {

// Reads the stored timeline page by page, so that a watcher who is behind costs no more than one who is not.
// Thread-compatible; the engine outlives it.
class AlertSource final : public rpc::StreamSource<v1::WatchAlertsResponse> {
 public:
  // Sends what comes after `after` (0: whatever there is) and the principal may read. `waker` is called when there is
  // more.
  AlertSource(AlertEngine& engine, std::string principal, int64_t after, const rpc::Waker& waker);
  // FAILED_PRECONDITION (LINEAGE_CHANGED) once the store has been restored; OUT_OF_RANGE (SEQUENCE_DROPPED) if some of
  // what comes next is there no more; UNAVAILABLE or DATA_LOSS from the store.
  absl::StatusOr<rpc::Poll> Next(v1::WatchAlertsResponse& out) override;

 private:
  // False: nothing is left to read.
  absl::StatusOr<bool> Fill(const Position& position);
  // False, and nothing written, if the principal may not see it.
  bool Show(const TimelineEntry& entry, v1::WatchAlertsResponse& out) const;
  rpc::Poll Bookmark(v1::WatchAlertsResponse& out);

  AlertEngine& engine_;
  const std::string principal_;
  const std::string lineage_;
  // Wants everything from a place on.
  const bool goes_on_;
  int64_t passed_;
  int64_t bookmarked_;
  std::deque<TimelineEntry> page_;
  const rpc::Waker waker_;
  const rpc::Notifier::Subscription subscription_;
};

}  // namespace orewatch::alerting
