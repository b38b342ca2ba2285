#include "services/risk/domain/worst_stage.h"

#include <algorithm>
#include <utility>

#include "services/risk/domain/supply_risk_scorer.h"

namespace orewatch::risk {
namespace {

constexpr char kUnsure[] = "BOTTLENECK_UNSURE";

}  // namespace

bool HasWorstStage(Method method) { return method == Method::kHhi || method == Method::kEuSupplyRisk2017; }

std::string StagesHeldTogether(const ScoreKey& key) {
  return key.method == Method::kEuSupplyRisk2017 ? key.importer : "";
}

void WorstStage::Meet(StageNumber stage, const Estimate& estimate) {
  if (met_.empty() || *estimate.value > *met_.at(stage_).value) {
    stage_ = stage;
  }
  met_[stage] = estimate;
}

bool WorstStage::IsSure() const {
  const double least = met_.at(stage_).lower;
  return std::all_of(met_.begin(), met_.end(), [&](const auto& met) {
    return met.first == stage_ || (met.second.upper.has_value() && *met.second.upper <= least);
  });
}

void WorstStage::Mark(Score& score) const {
  score.bottleneck = HasWorstStage(score.key.method) && !met_.empty() && score.key.stage == stage_;
  score.known_stages = static_cast<int>(met_.size());
  score.notes.erase(std::remove(score.notes.begin(), score.notes.end(), kUnsure), score.notes.end());
  if (score.bottleneck && !IsSure()) {
    AddReason(kUnsure, score.notes);
  }
}

std::vector<Score> SupplyRisks(const World& world, const std::string& mineral, const std::string& importer) {
  std::vector<Score> scores;
  for (auto it = world.blocks.lower_bound({mineral, 0}); it != world.blocks.end() && it->first.mineral == mineral;
       ++it) {
    Score score = SupplyRisk(SeriesView(world, it->first), importer);
    if (score.estimate.value.has_value()) {
      scores.push_back(std::move(score));
    }
  }
  return scores;
}

std::shared_ptr<const Score> HeldAgainstOtherStages(const World& world, Score score) {
  WorstStage worst;
  for (const Score& other : SupplyRisks(world, score.key.subject, score.key.importer)) {
    worst.Meet(other.key.stage, other.estimate);
  }
  worst.Mark(score);
  return std::make_shared<const Score>(std::move(score));
}

Estimate WorstSupplyRisk(const World& world, const std::string& mineral, const std::string& importer) {
  Estimate worst;
  for (const Score& score : SupplyRisks(world, mineral, importer)) {
    const Estimate& risk = score.estimate;
    if (!worst.value.has_value()) {
      worst = risk;
      continue;
    }
    worst.value = std::max(*worst.value, *risk.value);
    worst.lower = std::max(worst.lower, risk.lower);
    worst.upper = worst.upper.has_value() && risk.upper.has_value()
                      ? std::optional<double>(std::max(*worst.upper, *risk.upper))
                      : std::nullopt;
  }
  return worst;
}

}  // namespace orewatch::risk
