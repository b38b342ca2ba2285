#include "services/gateway/aggregate/overview.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/gateway/aggregate/section.h"

namespace orewatch::gateway {
namespace {

using gateway::v1::Overview;
using gateway::v1::RankedMineral;
using registry::v1::Mineral;
using risk::v1::Score;

// Known scores go before unknown ones, then the higher value.
bool IsWorse(const Score& a, const Score& b) {
  if (a.has_value() != b.has_value()) {
    return a.has_value();
  }
  return a.value() > b.value();
}

using ScoreBySubject = std::map<std::string, const Score*>;

ScoreBySubject Bottlenecks(const Part<risk::v1::ListScoresResponse>& scores) {
  ScoreBySubject chosen;
  if (scores.ok()) {
    for (const Score& score : scores->scores()) {
      if (score.bottleneck()) {
        chosen.emplace(score.key().subject(), &score);
      }
    }
  }
  return chosen;
}

ScoreBySubject Highest(const Part<risk::v1::ListScoresResponse>& scores) {
  ScoreBySubject chosen;
  if (scores.ok()) {
    for (const Score& score : scores->scores()) {
      auto [it, inserted] = chosen.emplace(score.key().subject(), &score);
      if (!inserted && IsWorse(score, *it->second)) {
        it->second = &score;
      }
    }
  }
  return chosen;
}

using ScoresBySubject = std::map<std::string, std::vector<const Score*>>;

// Of each mineral, in the order of the stages.
ScoresBySubject Stages(const Part<risk::v1::ListScoresResponse>& scores) {
  ScoresBySubject stages;
  if (scores.ok()) {
    for (const Score& score : scores->scores()) {
      stages[score.key().subject()].push_back(&score);
    }
  }
  for (auto& [subject, of_subject] : stages) {
    std::stable_sort(of_subject.begin(), of_subject.end(),
                     [](const Score* a, const Score* b) { return a->key().stage() < b->key().stage(); });
  }
  return stages;
}

bool IsOnList(const Mineral& mineral, const std::string& critical_list) {
  const auto& lists = mineral.critical_lists();
  return std::find(lists.begin(), lists.end(), critical_list) != lists.end();
}

// What is to be ranked: the list if the registry answered, else whatever has a score.
std::vector<Mineral> Candidates(const std::string& critical_list, const OverviewParts& parts,
                                const ScoreBySubject& bottlenecks) {
  std::vector<Mineral> minerals;
  if (parts.minerals.ok()) {
    for (const Mineral& mineral : parts.minerals->minerals()) {
      if (IsOnList(mineral, critical_list)) {
        minerals.push_back(mineral);
      }
    }
    return minerals;
  }
  for (const auto& [name, score] : bottlenecks) {
    minerals.emplace_back().set_name(name);
  }
  return minerals;
}

void Attach(const ScoreBySubject& scores, const std::string& subject, Score* (RankedMineral::*field)(),
            RankedMineral& ranked) {
  if (const auto found = scores.find(subject); found != scores.end()) {
    *(ranked.*field)() = *found->second;
  }
}

void AttachStages(const ScoresBySubject& stages, const std::string& subject, RankedMineral& ranked) {
  if (const auto found = stages.find(subject); found != stages.end()) {
    for (const Score* score : found->second) {
      *ranked.add_stages() = *score;
    }
  }
}

// One entry for each mineral, in no order of risk yet.
std::vector<RankedMineral> Unranked(const std::string& critical_list, const OverviewParts& parts) {
  const ScoreBySubject bottlenecks = Bottlenecks(parts.concentration);
  const ScoresBySubject stages = Stages(parts.concentration);
  const ScoreBySubject supply_risks = Highest(parts.supply_risk);
  std::vector<RankedMineral> minerals;
  for (const Mineral& mineral : Candidates(critical_list, parts, bottlenecks)) {
    RankedMineral& ranked = minerals.emplace_back();
    *ranked.mutable_mineral() = mineral;
    Attach(bottlenecks, mineral.name(), &RankedMineral::mutable_bottleneck, ranked);
    Attach(supply_risks, mineral.name(), &RankedMineral::mutable_supply_risk, ranked);
    AttachStages(stages, mineral.name(), ranked);
  }
  return minerals;
}

gateway::v1::SectionStatus RiskSection(const OverviewParts& parts) {
  gateway::v1::SectionStatus section = WorseOf(SectionOf(parts.concentration), SectionOf(parts.supply_risk));
  if (!parts.importer.name.empty() && section.state() == gateway::v1::SectionStatus::STATE_FRESH &&
      parts.supply_risk->scores().empty() && !parts.concentration->scores().empty()) {
    MarkImporterNotKept(parts.importer.name, section);
  }
  return section;
}

}  // namespace

absl::StatusOr<Overview> MakeOverview(const std::string& critical_list, int limit, OverviewParts parts) {
  if (absl::IsOutOfRange(parts.minerals.status())) {
    return parts.minerals.status();
  }
  OREWATCH_RETURN_IF_ERROR(CheckImporter(parts.importer));
  if (!parts.minerals.ok() && !parts.concentration.ok() && !parts.firing.ok()) {
    return NothingReached({parts.minerals.status(), parts.concentration.status(), parts.firing.status()});
  }
  std::string lineage;
  KeepToHistory(lineage, parts.minerals);
  KeepToHistory(lineage, parts.concentration);
  KeepToHistory(lineage, parts.supply_risk);
  KeepToHistory(lineage, parts.firing);
  std::vector<RankedMineral> ranking = Unranked(critical_list, parts);
  if (ranking.empty() && parts.minerals.ok() && parts.minerals->minerals_size() > 0) {
    return InvalidField("critical_list", absl::StrCat("no mineral is on a list '", critical_list, "'"));
  }
  // Candidates come by name, and the sort keeps the order of equals.
  std::stable_sort(ranking.begin(), ranking.end(), [](const RankedMineral& a, const RankedMineral& b) {
    return IsWorse(a.bottleneck(), b.bottleneck());
  });
  if (limit > 0 && ranking.size() > static_cast<size_t>(limit)) {
    ranking.resize(static_cast<size_t>(limit));
  }
  Overview overview;
  overview.set_critical_list(critical_list);
  overview.mutable_minerals()->Assign(ranking.begin(), ranking.end());
  *overview.mutable_registry() = SectionOf(parts.minerals);
  *overview.mutable_risk() = RiskSection(parts);
  *overview.mutable_alerting() = SectionOf(parts.firing);
  if (parts.firing.ok()) {
    *overview.mutable_firing_alerts() = parts.firing->alerts();
  }
  return overview;
}

}  // namespace orewatch::gateway
