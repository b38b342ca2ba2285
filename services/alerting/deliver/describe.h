// Alerts of this service as others are told of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "services/alerting/deliver/firing_alert.h"
#include "services/alerting/deliver/webhook_sender.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {

FiringAlert Describe(const RuledAlert& alert, const Position& position);
AlertEvent Describe(const TimelineEntry& entry, const std::optional<Rule>& rule, const Position& position);

// Thread-safe; the engine outlives it.
class EngineAlerts final : public FiringAlerts, public AlertEvents {
 public:
  explicit EngineAlerts(AlertEngine& engine) : engine_(engine) {}

  FiringSnapshot Snapshot(absl::Time ended_since) const override;
  int64_t Sequence() const override { return engine_.view().position().sequence; }
  absl::StatusOr<std::optional<AlertEvent>> Find(int64_t sequence, const std::string& principal) override;

 private:
  AlertEngine& engine_;
  mutable absl::Mutex mutex_;
  // What the last snapshot held, by the stamps of the view. Nothing of it depends on the position.
  mutable absl::flat_hash_map<int64_t, std::shared_ptr<const FiringAlert>> described_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch::alerting
