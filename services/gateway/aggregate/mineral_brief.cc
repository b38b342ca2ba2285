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

absl::StatusOr<gateway::v1::MineralBrief> MakeMineralBrief(MineralBriefParts parts) {
  OREWATCH_RETURN_IF_ERROR(CheckSubject(parts.mineral.status()));
  OREWATCH_RETURN_IF_ERROR(CheckImporter(parts.importer));
  if (!parts.mineral.ok() && !parts.scores.ok() && !parts.alerts.ok()) {
    return NothingReached({parts.mineral.status(), parts.scores.status(), parts.alerts.status()});
  }
  std::string lineage;
  KeepToHistory(lineage, parts.mineral);
  KeepToHistory(lineage, parts.scores);
  KeepToHistory(lineage, parts.alerts);
  gateway::v1::MineralBrief brief;
  *brief.mutable_registry() = SectionOf(parts.mineral);
  if (parts.mineral.ok() && parts.mineral->entries_size() > 0) {
    brief.mutable_mineral()->Swap(parts.mineral->mutable_entries(0)->mutable_mineral());
  }
  *brief.mutable_risk() = SectionOf(parts.scores);
  if (parts.scores.ok()) {
    AddScores(parts.importer.name, *parts.scores, brief);
  }
  *brief.mutable_alerting() = SectionOf(parts.alerts);
  if (parts.alerts.ok()) {
    brief.mutable_alerts()->Swap(parts.alerts->mutable_alerts());
  }
  return brief;
}

}  // namespace orewatch::gateway
