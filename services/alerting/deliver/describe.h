// Alerts of this service as others are told of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

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

  std::vector<FiringAlert> Snapshot(absl::Time ended_since) const override;
  absl::StatusOr<std::optional<AlertEvent>> Find(int64_t sequence, const std::string& principal) override;

 private:
  AlertEngine& engine_;
};

}  // namespace orewatch::alerting
