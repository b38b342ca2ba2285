#include "services/gateway/aggregate/mineral_brief.h"

#include "common/status/status.h"
#include "services/gateway/aggregate/section.h"

namespace orewatch::gateway {
namespace {

void AddScores(const std::string& importer, const risk::v1::ListScoresResponse& scores,
               gateway::v1::MineralBrief& brief) {
  bool others_left_out = false;
  bool any_for_importer = false;
  for (const risk::v1::Score& score : scores.scores()) {
    const std::string& of = score.key().importer();
    if (importer.empty() || of.empty() || of == importer) {
      *brief.add_scores() = score;
      any_for_importer = any_for_importer || !of.empty();
    } else {
      others_left_out = true;
    }
  }
  if (others_left_out && !any_for_importer) {
    MarkImporterNotKept(importer, *brief.mutable_risk());
  }
}

}  // namespace

absl::StatusOr<gateway::v1::MineralBrief> MakeMineralBrief(const std::string& importer, MineralBriefParts parts) {
  if (absl::IsNotFound(parts.mineral.status()) || absl::IsOutOfRange(parts.mineral.status())) {
    return parts.mineral.status();
  }
  OREWATCH_RETURN_IF_ERROR(CheckImporter(parts.importer));
  if (!parts.mineral.ok() && !parts.scores.ok() && !parts.alerts.ok()) {
    return NothingReached(parts.mineral.status());
  }
  std::string lineage = parts.mineral.ok() ? parts.mineral->metadata().revision().lineage() : "";
  KeepToHistory(lineage, parts.scores);
  KeepToHistory(lineage, parts.alerts);
  gateway::v1::MineralBrief brief;
  *brief.mutable_registry() = SectionOf(parts.mineral.status());
  if (parts.mineral.ok()) {
    *brief.mutable_mineral() = *parts.mineral;
    *brief.mutable_registry()->mutable_revision() = parts.mineral->metadata().revision();
  }
  *brief.mutable_risk() = SectionOf(parts.scores);
  if (parts.scores.ok()) {
    AddScores(importer, *parts.scores, brief);
  }
  *brief.mutable_alerting() = SectionOf(parts.alerts);
  if (parts.alerts.ok()) {
    *brief.mutable_alerts() = parts.alerts->alerts();
  }
  return brief;
}

}  // namespace orewatch::gateway
