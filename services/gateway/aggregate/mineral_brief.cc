#include "services/gateway/aggregate/mineral_brief.h"

#include "services/gateway/aggregate/section.h"

namespace orewatch::gateway {

absl::StatusOr<gateway::v1::MineralBrief> MakeMineralBrief(const std::string& importer,
                                                           const MineralBriefParts& parts) {
  if (absl::IsNotFound(parts.mineral.status()) || absl::IsOutOfRange(parts.mineral.status())) {
    return parts.mineral.status();
  }
  if (!parts.mineral.ok() && !parts.scores.ok() && !parts.alerts.ok()) {
    return NothingReached(parts.mineral.status());
  }
  gateway::v1::MineralBrief brief;
  *brief.mutable_registry() = SectionOf(parts.mineral.status());
  if (parts.mineral.ok()) {
    *brief.mutable_mineral() = *parts.mineral;
    *brief.mutable_registry()->mutable_revision() = parts.mineral->metadata().revision();
  }
  *brief.mutable_risk() = SectionOf(parts.scores);
  if (parts.scores.ok()) {
    for (const risk::v1::Score& score : parts.scores->scores()) {
      if (importer.empty() || score.key().importer().empty() || score.key().importer() == importer) {
        *brief.add_scores() = score;
      }
    }
  }
  *brief.mutable_alerting() = SectionOf(parts.alerts);
  if (parts.alerts.ok()) {
    *brief.mutable_alerts() = parts.alerts->alerts();
  }
  return brief;
}

}  // namespace orewatch::gateway
